/** The example workflows of the package, imported into a real n8n, set up as their notes say, and run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { until } from '../until';
import { startDograh, type Dograh } from './dograh';
import { startModel, type ChatRequest } from './model';
import { startN8n, type N8n } from './n8n';
import { isN8n1, testIf } from './version';
import { endOf, runWorkflow, setActive, startWorkflow } from './workflows';

const folder = join(__dirname, '../../../n8n-node/examples');
const anna = '+14155550101';
const isBusy = '+15005550011';
const ben = '+14155550102';
const cleo = '+14155550103';

interface Example {
  nodes: {
    type: string;
    parameters: Record<string, unknown>;
    credentials?: Record<string, { id: string; name: string }>;
  }[];
}

let n8n: N8n;
let dograh: Dograh;
/** The other services of the examples: a CRM, a sheet, a chat model. */
let other: LocalServer;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

beforeEach(async () => {
  dograh = await startDograh();
});

afterEach(async () => {
  await other.close();
  await dograh.stop();
});

/**
 * Imports an example and follows its note: selects credentials and an agent, and enters addresses. @param hosts
 * replacements, by the host in the example.
 */
async function importExample(
  name: string,
  hosts: Record<string, string> = {},
  change: (text: string) => string = (text) => text,
): Promise<string> {
  let text = change(readFileSync(join(folder, `${name}.json`), 'utf8'));
  for (const [host, url] of Object.entries(hosts)) text = text.replaceAll(`https://${host}`, url);
  const example = JSON.parse(text) as Example;
  const dograhApi = await n8n.createCredential('dograhApi', dograh.credential);
  const openAiApi = await n8n.createCredential('openAiApi', { apiKey: 'key', url: `${other.url}/v1` });
  for (const node of example.nodes) {
    if (node.type.startsWith('n8n-nodes-dograh.')) {
      node.credentials = { dograhApi };
      node.parameters.agent = { __rl: true, mode: 'list', value: dograh.agent.uuid };
      node.parameters.options = {
        ...(node.parameters.options as object | undefined),
        pollIntervalSeconds: 1,
      };
    }
    if (node.type.endsWith('.lmChatOpenAi')) node.credentials = { openAiApi };
  }
  const { id } = (await n8n.rest('POST', '/workflows', example)) as { id: string };
  return id;
}

test('a lead from a CRM is called, and the result written back', async () => {
  other = await startLocalServer((_request, response) => {
    replyJson(response, 200, {});
  });
  await setActive(n8n, await importExample('crm-row-to-call', { 'crm.example.com': other.url }), true);
  for (const lead of [
    { id: 7, phone: anna, first_name: 'Anna' },
    { id: 8, phone: 'none', first_name: 'Ben' },
  ]) {
    const reply = await fetch(`${n8n.baseUrl}/webhook/dograh-new-lead`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(lead),
    });
    expect(reply.status).toBe(200);
  }
  await until('both leads are written back', async () => other.requests.length === 2);
  const written = Object.fromEntries(
    other.requests.map(({ method, url, body }) => [`${method} ${url}`, JSON.parse(body.toString())]),
  );
  expect(written).toMatchObject({
    'PATCH /leads/7': { call_status: 'completed', call_disposition: 'end_call_tool' },
    'PATCH /leads/8': { call_status: 'not called', call_error: expect.stringContaining('Phone Number') },
  });
  expect(await dograh.dials()).toEqual({ [anna]: 1 });
});

test('a call list from a sheet is called, and its results are written to a file', async () => {
  other = await startLocalServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/csv' })
      .end(`phone,first_name\n"${anna}",Anna\n"${isBusy}",Ben\nunknown,Cleo\n`);
  });
  const workflow = await importExample('call-list-with-pacing', { 'sheets.example.com': other.url });
  const execution = await runWorkflow(n8n, workflow);
  const [file] = execution.items('Results as CSV');
  const table = (await n8n.readFile(file?.binary?.data?.id ?? '')).toString();
  expect(table).toMatch(/completed[^\n]*14155550101/);
  expect(table).toMatch(/busy[^\n]*15005550011/);
  // The failed calls with their reasons.
  expect(table).toMatch(/unknown,Cleo,[^\n]*Phone Number: /);
  expect(await dograh.dials()).toEqual({ [anna]: 1, [isBusy]: 1 });
});

test('a sheet becomes a campaign, which calls each row once, also when the workflow is run again', async () => {
  other = await startLocalServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/csv' })
      .end(`phone,first_name,day\n"${anna}",Anna,Monday\n"${ben}",Ben,Tuesday\n"${cleo}",Cleo,Friday\n`);
  });
  const workflow = await importExample(
    'campaign-of-contacts',
    { 'sheets.example.com': other.url },
    // A wait of the note's half a minute would make the test that long.
    (text) => text.replace('"amount": 30', '"amount": 1'),
  );
  const execution = await runWorkflow(n8n, workflow);
  expect(execution.items('Make a Campaign')).toMatchObject([
    { json: { already_added: false, total_rows: 3, skipped_rows: 0, skipped: [] } },
  ]);
  expect(execution.items('Start the Campaign')).toMatchObject([
    { json: { state: 'running', changed: true } },
  ]);
  expect(execution.items('Over')).toMatchObject([{ json: { state: 'completed', processed_rows: 3 } }]);
  const dials = { [anna]: 1, [ben]: 1, [cleo]: 1 };
  expect(await dograh.dials()).toEqual(dials);

  const again = await runWorkflow(n8n, workflow);
  expect(again.items('Make a Campaign')).toMatchObject([{ json: { already_added: true } }]);
  expect(again.items('Start the Campaign')).toMatchObject([{ json: { state: 'completed', changed: false } }]);
  expect(await dograh.dials()).toEqual(dials);
});

testIf(!isN8n1, 'the example with an AI agent, which needs the agent of n8n 2.')(
  'an AI agent calls whom the chat names, and learns how the call ended',
  async () => {
    const call = {
      name: 'Call_Someone',
      arguments: { phone_number: anna, variables: { first_name: 'Anna' } },
    };
    other = await startModel([[call]], 'Anna was called.');
    const workflow = await importExample('ai-agent-that-calls');
    const json = { sessionId: 'session-1', action: 'sendMessage', chatInput: `Call ${anna}` };
    const run = {
      startTime: 0,
      executionTime: 0,
      executionIndex: 0,
      source: [],
      data: { main: [[{ json }]] },
    };
    const execution = await endOf(n8n, await startWorkflow(n8n, workflow, { name: 'Chat', data: run }));
    expect(execution.items('Assistant')).toMatchObject([{ json: { output: 'Anna was called.' } }]);
    const { messages } = JSON.parse(other.requests.at(-1)?.body.toString() ?? '') as ChatRequest;
    const result = messages.find(({ role }) => role === 'tool');
    // The fields that the example selects, and no others.
    expect(JSON.parse(result?.content ?? '')).toEqual([
      {
        status: 'completed',
        disposition: 'end_call_tool',
        duration_seconds: expect.any(Number),
        learned: {},
      },
    ]);
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  },
);
