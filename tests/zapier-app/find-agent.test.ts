import { findAgentStep } from '../../zapier-app/src/searches/find-agent';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { failureOf, makeBundle, runStep } from '../support/zapier';

let names: string[];

let server: LocalServer;

beforeEach(async () => {
  names = ['Collector', 'Reminder for payments', 'Reminder', 'Old reminder'];
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

test('an agent is found, with the value for the Agent field of other steps', async () => {
  expect(await find('collector')).toEqual([
    { id: 'workflow/uuid-1', name: 'Collector', agent_id: 1, agent_uuid: 'uuid-1' },
  ]);
});

test('an exact name takes precedence over agents whose names contain it', async () => {
  expect((await find(' reminder ')).map(({ name }) => name)).toEqual(['Reminder']);
});

test('part of one name finds its agent', async () => {
  expect((await find('payments')).map(({ name }) => name)).toEqual(['Reminder for payments']);
});

test('part of several names is refused as ambiguous', async () => {
  expect(await failureOf(find('remind'))).toEqual({
    name: 'HaltedError',
    message:
      'Name: 3 agents have it: Old reminder (number 4), Reminder (number 3), Reminder for payments (number 2); enter a whole name, ' +
      'or map the number of the agent into the step that calls',
  });
});

test('a name of two agents is refused', async () => {
  names = ['Reminder', 'reminder'];
  const { name, message } = await failureOf(find('Reminder'));
  expect(name).toBe('HaltedError');
  expect(message).toContain('2 agents have it: reminder (number 2), Reminder (number 1);');
});

test('an unknown name is no match and no error', async () => {
  expect(await find('sales')).toEqual([]);
});

test.each([undefined, null, '', '  '])('a name of %j halts the step', async (name) => {
  expect(await failureOf(find(name))).toEqual({
    name: 'HaltedError',
    message: 'Name: enter the name of the agent or a part of it',
  });
});
