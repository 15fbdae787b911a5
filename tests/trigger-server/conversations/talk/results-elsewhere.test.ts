/** What a conversation yielded, where it leaves the server: events, the CSV report and the webhook nodes of the agent. */
import { Readable } from 'node:stream';
import type { AgentDefinition, Run } from '@dograh-trigger/shared';
import { shortTranscriptOf } from '../../../../trigger-server/src/artifacts/transcript';
import { readCsv } from '../../../../trigger-server/src/csv/read-csv';
import { createAgent, createSandbox } from '../../../support/agents';
import { startCall } from '../../../support/calls';
import { budgetAgent, called } from '../../../support/talks';
import { playModel } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { deliverDue, receiversAllowed, startReceiver, type Receiver } from '../../../support/webhooks';

const position = { x: 0, y: 0 };
let server: TestServer;
let account: Account;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
  server = await startTestServer(receiversAllowed);
  account = await server.signUp();
});
afterEach(async () => {
  await server.close();
  await receiver.close();
});

/** A call through the sandbox that talks to its end. */
async function talk(): Promise<void> {
  const payload = {
    values: '{{gathered_context.extracted_variables}}',
    budget: '{{gathered_context.budget}}',
    said: '{{transcript}}',
  };
  const definition: AgentDefinition = {
    nodes: [
      ...budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({ ...node, data })),
      { id: 't', type: 'trigger', position, data: { name: 'API Trigger', enabled: true } },
      {
        id: 'w',
        type: 'webhook',
        position,
        data: { name: 'CRM', endpoint_url: receiver.url, payload_template: payload },
      },
    ],
    edges: budgetAgent.edges,
  };
  await createSandbox(server, account);
  const agent = await createAgent(server, account, definition, { answer: 'converse' });
  playModel(
    server,
    called('right_person_'),
    { text: 'What is your budget?' },
    called('budget_known'),
    { text: 'Goodbye!' },
    { text: '{"budget": 500, "note": "in the evenings"}' },
  );
  await startCall(server, account, agent, {
    phone_number: '+14155550100',
    initial_context: { user: { name: 'Ada' }, sandbox_says: ['Yes, speaking.', 'Five hundred.'] },
  });
  for (let step = 0; step < 12; step += 1) await server.advance(300);
}

const spoken = [
  'assistant: Hi Ada, this is Mia.',
  'user: Yes, speaking.',
  'assistant: What is your budget?',
  'user: Five hundred.',
  'assistant: Goodbye!',
];

function withoutTimes(transcript: string): string[] {
  return transcript.split('\n').map((line) => line.replace(/^\[[^\]]*\] /, ''));
}

test('the CSV report has the extracted variables and the transcript of both speakers', async () => {
  await talk();
  const { text } = await server.request
    .get('/api/v1/organizations/usage/runs/report')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const file = Readable.from([Buffer.from(text)]);
  const rows: string[][] = [];
  for await (const some of readCsv(file, { cellCharacters: 40_000, columns: 20 }))
    rows.push(...some.map(({ cells }) => cells));
  const [header = [], row = []] = rows;
  expect(header.slice(-2)).toEqual(['Extracted Variables', 'Transcript']);
  expect(JSON.parse(row.at(-2) ?? '')).toEqual({ budget: 500, note: 'in the evenings' });
  expect(withoutTimes(row.at(-1) ?? '')).toEqual(spoken);
});

test('the event of its end has the extracted variables and the words of both speakers', async () => {
  const events = await startReceiver();
  await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: events.url, event: 'call.completed' })
    .expect(200);
  await talk();
  await deliverDue(server);
  const [request] = events.requests;
  const { data } = JSON.parse(request?.body.toString() ?? '') as { data: Run };
  await events.close();
  expect(data.gathered_context).toMatchObject({
    budget: 500,
    extracted_variables: { budget: 500, note: 'in the evenings' },
  });
  const said = (data.logs?.realtime_feedback_events ?? []) as { type: string; payload: { text: string } }[];
  const speakers: Record<string, string> = {
    'rtf-bot-text': 'assistant',
    'rtf-user-transcription': 'user',
  };
  expect(
    said.flatMap(({ type, payload }) => {
      const speaker = speakers[type];
      return speaker === undefined ? [] : [`${speaker}: ${payload.text}`];
    }),
  ).toEqual(spoken);
});

test('a webhook node can send the extracted variables, one of them, and the transcript of both speakers', async () => {
  await talk();
  await deliverDue(server);
  const [request] = receiver.requests;
  const body = JSON.parse(request?.body.toString() ?? '') as {
    values: string;
    budget: unknown;
    said: string;
  };
  expect(JSON.parse(body.values)).toEqual({ budget: 500, note: 'in the evenings' });
  expect(body.budget).toBe('500');
  expect(withoutTimes(body.said)).toEqual(spoken);
});

test('a transcript within another text is cut after a whole line, and says so', () => {
  const line = { type: 'rtf-bot-text', payload: { text: 'x'.repeat(999) }, timestamp: 't' };
  const text = shortTranscriptOf(Array.from({ length: 40 }, () => line));
  expect(text.length).toBeLessThanOrEqual(32_000);
  const lines = text.split('\n');
  expect(lines.at(-1)).toBe('[The rest is in the file of the transcript.]');
  expect(new Set(lines.slice(0, -1))).toEqual(new Set([`[t] assistant: ${'x'.repeat(999)}`]));
});
