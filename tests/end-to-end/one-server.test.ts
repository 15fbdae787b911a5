/**
 * Calls to one running server by plain HTTP, the client, the n8n node and the Zapier app, each on the production
 * and the test route and read until its end. Once with the extensions and once as plain Dograh.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient, type Environment } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { findCallStep } from '../../zapier-app/src/searches/find-call';
import { definitionWith } from '../support/agents';
import { n8nContext } from '../support/n8n-context';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import { makeBundle, runStep } from '../support/zapier';

const apiKey = `dgr_${'e2e-'.repeat(10)}key`;
const number = '+14155550100';
const variables = { user: { name: 'Jane' } };
const environments: Environment[] = ['production', 'test'];

interface EndedRun {
  status: string;
  definitionId: unknown;
  disposition: unknown;
  said: string;
}

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('%s', (_name, mode: Record<string, string>) => {
  let folder: string;
  let server: ServerProcess;
  let client: TriggerClient;
  let triggerUuid: string;
  let agentUuid: string;
  let definitions: Record<Environment, number>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'end-to-end-'));
    server = await startServerProcess({
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      BOOTSTRAP_API_KEY: apiKey,
      SANDBOX_STEP_MS: '20',
      ...mode,
    });
    client = new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });

    // A published agent whose draft has another greeting.
    const created = (await api('POST', '/workflow/create/definition', {
      name: 'Greeter',
      workflow_definition: definitionWith({ greeting: 'Published for {{user.name}}' }),
    })) as { id: number };
    const agentId = created.id;
    const agent = await client.getAgent(agentId);
    triggerUuid = agent.productionTriggerUuid ?? '';
    agentUuid = agent.uuid ?? '';
    const definition = definitionWith({
      triggerPath: triggerUuid,
      greeting: 'Draft for {{initial_context.user.name}}',
    });
    await api('PUT', `/workflow/${String(agentId)}`, { workflow_definition: definition });
    const versions = (await api('GET', `/workflow/${String(agentId)}/versions`)) as {
      id: number;
      status: string;
    }[];
    const idOf = (status: string) => versions.find((version) => version.status === status)?.id ?? NaN;
    definitions = { production: idOf('published'), test: idOf('draft') };
  });

  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  async function api(method: string, path: string, body?: object): Promise<unknown> {
    const reply = await fetch(`${server.baseUrl}/api/v1${path}`, {
      method,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(reply.status).toBe(200);
    return reply.json();
  }

  async function readToItsEnd(runId: number): Promise<EndedRun> {
    const run = await client.waitForRun(runId, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    const events = run.logs?.realtime_feedback_events as { type: string; payload: { text: string } }[];
    return {
      status: run.status ?? (run.is_completed ? 'completed' : 'unfinished'),
      definitionId: run.definition_id,
      disposition: run.gathered_context?.call_disposition,
      said: events.map(({ payload }) => payload.text).join(),
    };
  }

  function expected(environment: Environment): EndedRun {
    return {
      status: 'completed',
      definitionId: definitions[environment],
      disposition: 'end_call_tool',
      said: environment === 'production' ? 'Published for Jane' : 'Draft for Jane',
    };
  }

  test.each(environments)('plain HTTP, %s', async (environment) => {
    const route = environment === 'test' ? 'test/' : '';
    const reply = (await api('POST', `/public/agent/${route}${triggerUuid}`, {
      phone_number: number,
      initial_context: variables,
    })) as { workflow_run_id: number };
    expect(Object.keys(reply)).toEqual(['status', 'workflow_run_id', 'workflow_run_name']);
    expect(await readToItsEnd(reply.workflow_run_id)).toEqual(expected(environment));
  });

  test.each(environments)('the client, %s', async (environment) => {
    for (const target of [{ triggerUuid }, { agentUuid }]) {
      const placed = await client.triggerCall({
        target,
        environment,
        phoneNumber: number,
        initialContext: variables,
      });
      expect(await readToItsEnd(placed.runId)).toEqual(expected(environment));
    }
  });

  test.each(environments)('the n8n node, %s: place, then get', async (environment) => {
    const credential = { baseUrl: `${server.baseUrl}/api/v1/`, apiKey };
    const place = n8nContext({
      ...credential,
      parameters: {
        operation: 'place',
        agent: { __rl: true, mode: 'id', value: triggerUuid },
        environment,
        phoneNumber: '+1 (415) 555-0100',
        specifyVariables: 'json',
        jsonVariables: JSON.stringify(variables),
      },
    });
    const [[placed] = []] = await new Dograh().execute.call(place);
    const runId = Number(placed?.json.run_id);
    expect(await readToItsEnd(runId)).toEqual(expected(environment));

    const get = n8nContext({ ...credential, parameters: { operation: 'get', runId: String(runId) } });
    const [[read] = []] = await new Dograh().execute.call(get);
    expect(read?.json).toMatchObject({
      run_id: runId,
      disposition: 'end_call_tool',
      phone_number: number,
      mode: 'sandbox',
    });
  });

  test.each(environments)('the Zapier app, %s: start a call, then find it', async (environment) => {
    const bundle = (inputData: Record<string, unknown>) => ({
      ...makeBundle(server.baseUrl, inputData),
      authData: { base_url: server.baseUrl, api_key: apiKey },
    });
    const started = await runStep(
      startCallStep,
      bundle({
        agent: triggerUuid,
        environment,
        phone_number: number,
        initial_context_json: JSON.stringify(variables),
      }),
    );
    const { id } = started as { id: number };
    expect(await readToItsEnd(id)).toEqual(expected(environment));
    expect(await runStep(findCallStep, bundle({ run: id }))).toMatchObject([
      { id, disposition: 'end_call_tool' },
    ]);
  });

  test('after publishing, both routes run the same', async () => {
    const [agent] = (await client.listAgents()).filter(({ uuid }) => uuid === agentUuid);
    await api('POST', `/workflow/${String(agent?.id)}/publish`, {});
    const seen = [];
    for (const environment of environments) {
      const placed = await client.triggerCall({
        target: { triggerUuid },
        environment,
        phoneNumber: number,
        initialContext: variables,
      });
      seen.push(await readToItsEnd(placed.runId));
    }
    expect(seen).toEqual([expected('test'), expected('test')]);
  });
});
