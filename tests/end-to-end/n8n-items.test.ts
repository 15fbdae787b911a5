/** The request of each item of the n8n node, as received by the real server. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Run } from '@dograh-trigger/shared';
import { callMarker } from '@dograh-trigger/shared';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { createAgent, createSandbox, definitionWith, readyToCall, type TestAgent } from '../support/agents';
import { readRun } from '../support/calls';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function execute(
  account: Account,
  parameters: INodeParameters,
  options: Partial<N8nContextOptions> = {},
): Promise<IDataObject[]> {
  const { baseUrl } = server;
  const context = n8nContext({ baseUrl, apiKey: account.apiKey, parameters, ...options });
  const [items = []] = await new Dograh().execute.call(context);
  return items.map(({ json }) => json);
}

function place(agent: unknown, more: INodeParameters = {}): INodeParameters {
  return { operation: 'place', agent: agent as string, phoneNumber: '+14155550100', ...more };
}

describe('Map Automatically', () => {
  const mappedVariables = { mappingMode: 'autoMapInputData', value: null };
  const row = {
    name: 'Zoë',
    'user.city': 'Graz',
    user: 'nobody',
    notes: 'x'.repeat(20_000),
    provider: 'a carrier',
    empty: '',
  };

  async function sent(agent: INodeParameters[string], account: Account, item: IDataObject): Promise<unknown> {
    const [placed] = await execute(account, place(agent, { mappedVariables }), { items: [item] });
    const run: Run = await readRun(server, account, Number(placed?.run_id));
    const { [callMarker]: _mark, ...context } = run.initial_context ?? {};
    return context;
  }

  async function agentWith(greeting: string): Promise<{ account: Account; agent: TestAgent }> {
    const account = await server.signUp();
    await createSandbox(server, account);
    return { account, agent: await createAgent(server, account, definitionWith({ greeting })) };
  }

  test('sends only the columns that the agent’s texts use', async () => {
    const { account, agent } = await agentWith('Hello {{name}} in {{user.city}}, {{empty | there}}');
    const { user: _, ...item } = row;
    const context = await sent({ __rl: true, mode: 'list', value: agent.uuid }, account, item);
    expect(context).toMatchObject({ name: 'Zoë', user: { city: 'Graz' } });
    expect(context).not.toHaveProperty('notes');
    expect(context).not.toHaveProperty('empty');
  });

  test('for an agent selected by its trigger sends all columns except reserved names', async () => {
    const { account, agent } = await agentWith('Hello {{name}}');
    const item = { name: 'Zoë', notes: 'short', provider: 'a carrier', api_key_id: 7 };
    const context = await sent({ __rl: true, mode: 'id', value: agent.triggerPath }, account, item);
    expect(context).toMatchObject({ name: 'Zoë', notes: 'short' });
    expect(context).not.toMatchObject({ provider: 'a carrier' });
  });
});

test('an expression in the credential is evaluated for each item, even during Place and Wait', async () => {
  const ready = await Promise.all([readyToCall(server), readyToCall(server)]);
  const credentialOfItem = (itemIndex: number) => ({ apiKey: ready[itemIndex]?.account.apiKey ?? '' });
  const items = ready.map(({ agent }) => ({ agent: agent.uuid }));
  const agent = { __rl: true, mode: 'agentUuid', value: '={{ $json.agent }}' };
  const nobody = await server.signUp();
  const placed = await execute(nobody, place(agent), { items, credentialOfItem });
  expect(placed.map(({ agent_id }) => agent_id)).toEqual(ready.map((each) => each.agent.id));
  await server.advance(5000);
  const operation = { operation: 'waitForCompletion', runId: '={{ $json.run_id }}' };
  const ended = await execute(nobody, operation, { items: placed, credentialOfItem });
  expect(ended.map(({ run_id, status }) => [run_id, status])).toEqual(
    placed.map(({ run_id }) => [run_id, 'completed']),
  );
});

test.each([
  ['US', '(415) 555-0100', '+14155550100'],
  ['gb', '020 7946 0958', '+442079460958'],
  ['GB', '+1 415 555 0100', '+14155550100'],
])('with the default country %s the number %s is %s', async (defaultCountry, phoneNumber, e164) => {
  const { account, agent } = await readyToCall(server);
  const chosen = { __rl: true, mode: 'list', value: agent.uuid };
  const [placed] = await execute(account, place(chosen, { phoneNumber, options: { defaultCountry } }));
  expect(placed).toMatchObject({ phone_number: e164 });
});

test('without a default country a number without a country code is refused, and so is an invalid country', async () => {
  const { account, agent } = await readyToCall(server);
  const chosen = { __rl: true, mode: 'list', value: agent.uuid };
  const phoneNumber = '(415) 555-0100';
  await expect(execute(account, place(chosen, { phoneNumber }))).rejects.toThrow('Phone Number: ');
  const none = place(chosen, { phoneNumber, options: { defaultCountry: 'Europe' } });
  await expect(execute(account, none)).rejects.toThrow('Default Country: choose one from the list');
});

test('Cancel ends a ringing call, and returns canceled: false for an ended one', async () => {
  const { account, agent } = await readyToCall(server);
  const chosen = { __rl: true, mode: 'list', value: agent.uuid };
  // Rings for 60 steps.
  const [placed] = await execute(account, place(chosen, { phoneNumber: '+15005550016' }));
  const cancel = { operation: 'cancel', runId: placed?.run_id as number };
  expect(await execute(account, cancel)).toEqual([{ run_id: placed?.run_id, canceled: true }]);
  await server.advance(1000);
  expect(await readRun(server, account, Number(placed?.run_id))).toMatchObject({ status: 'canceled' });
  expect(await execute(account, cancel)).toEqual([{ run_id: placed?.run_id, canceled: false }]);
});

test('Cancel fails on a server without the extension cancel', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const { account } = await readyToCall(plain);
    const { baseUrl } = plain;
    await expect(execute(account, { operation: 'cancel', runId: 1 }, { baseUrl })).rejects.toThrow(
      'This server cannot cancel calls',
    );
  } finally {
    await plain.close();
  }
});
