import { findAgentStep } from '../../zapier-app/src/searches/find_agent';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { failureOf, makeBundle, runStep } from '../support/zapier';

const names = ['Collector', 'Reminder for payments', 'Reminder', 'Old reminder'];

let server: LocalServer;

beforeEach(async () => {
  server = await startLocalServer((_, response) => {
    const created = { status: 'active', created_at: '2026-08-22T03:04:05Z' };
    replyJson(
      response,
      200,
      names.map((name, index) => ({ id: index + 1, name, workflow_uuid: `uuid-${index + 1}`, ...created })),
    );
  });
});

afterEach(async () => {
  await server.close();
});

function find(name: unknown) {
  return runStep(findAgentStep, makeBundle(server.url, { name }));
}

test('an agent is found with the value that the Agent field of the other steps takes', async () => {
  expect(await find('collector')).toEqual([
    { id: 'workflow/uuid-1', name: 'Collector', agent_id: 1, agent_uuid: 'uuid-1' },
  ]);
});

test('a part of the name finds all agents that have it, the one of just that name first', async () => {
  expect((await find(' reminder ')).map(({ name }) => name)).toEqual([
    'Reminder',
    'Old reminder',
    'Reminder for payments',
  ]);
});

test('a name that no agent has is no match and no error', async () => {
  expect(await find('sales')).toEqual([]);
});

test.each([undefined, null, '', '  '])('a name of %j halts the step', async (name) => {
  expect(await failureOf(find(name))).toEqual({
    name: 'HaltedError',
    message: 'Name: enter the name of the agent or a part of it',
  });
});
