import type { AgentDefinition, TextChat } from '@dograh-trigger/shared';
import { definitionWith } from '../../support/agents';
import { ModelFailure } from '../../../trigger-server/src/conversations/engine/port';
import { playModel } from '../../support/text-chats';
import { startCaller, type Caller } from './callers';
import { send, testStatuses, type Ask } from './documented';

let caller: Caller;
beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.close());

const ask = (path: string, body?: object): Ask => ({
  path: `/workflow/${String(caller.agent.id)}/text-chat/sessions${path}`,
  apiKey: caller.account.apiKey,
  ...(body === undefined ? {} : { body }),
});

/** @returns its path. */
async function opened(): Promise<string> {
  playModel(caller.server, { text: 'Hello.' });
  const reply = await send(caller.server, 'POST', ask('', {}));
  return `/${String(((await reply.json()) as TextChat).workflow_run_id)}`;
}

async function ended(): Promise<string> {
  const path = await opened();
  await send(caller.server, 'POST', ask(`${path}/end`, {}));
  return path;
}

async function call(): Promise<string> {
  const { server, account, agent } = caller;
  const reply = await send(server, 'POST', {
    path: `/public/agent/${agent.triggerPath}`,
    apiKey: account.apiKey,
    body: { phone_number: '+14155550100' },
  });
  return `/${String(((await reply.json()) as { workflow_run_id: number }).workflow_run_id)}`;
}

/** Its opening needs the model, which fails. */
async function silentAgent(): Promise<Ask> {
  const definition: AgentDefinition = definitionWith({ greeting: '' });
  const reply = await send(caller.server, 'POST', {
    path: '/workflow/create/definition',
    apiKey: caller.account.apiKey,
    body: { name: 'Silent', workflow_definition: definition },
  });
  playModel(caller.server, new ModelFailure('The model could not be reached', 'unreachable'));
  const { id } = (await reply.json()) as { id: number };
  return { ...ask('', {}), path: `/workflow/${String(id)}/text-chat/sessions` };
}

const nobody = '/2147483647';
const stale = { expected_revision: 99 };
const full = {
  because: 'It takes as many requests that wait for a model as an organization has places: `places.test`.',
};
const stopping = { because: 'It takes a server that stops: `places.test`.' };

testStatuses(__filename, () => caller.server, {
  'POST /workflow/{workflow_id}/text-chat/sessions': {
    200: () => ask('', {}),
    404: () => ({ ...ask('', {}), path: `/workflow${nobody}/text-chat/sessions` }),
    409: { because: 'No request leaves an agent without an owner.' },
    429: full,
    500: silentAgent,
    503: stopping,
  },
  'GET /workflow/{workflow_id}/text-chat/sessions/{run_id}': {
    200: async () => ask(await opened()),
    400: async () => ask(await call()),
    404: () => ask(nobody),
  },
  'POST /workflow/{workflow_id}/text-chat/sessions/{run_id}/messages': {
    200: async () => ask(`${await opened()}/messages`, { text: 'Yes.' }),
    400: async () => ask(`${await ended()}/messages`, { text: 'Yes.' }),
    404: () => ask(`${nobody}/messages`, { text: 'Yes.' }),
    409: async () => ask(`${await opened()}/messages`, { text: 'Yes.', ...stale }),
    422: async () => ask(`${await opened()}/messages`, { text: ' ' }),
    429: full,
    500: async () => {
      const path = await opened();
      playModel(caller.server, new ModelFailure('The model could not be reached', 'unreachable'));
      return ask(`${path}/messages`, { text: 'Yes.' });
    },
    503: { because: 'It takes a process that computes the same message for a minute.' },
  },
  'POST /workflow/{workflow_id}/text-chat/sessions/{run_id}/rewind': {
    200: async () => ask(`${await opened()}/rewind`, {}),
    400: async () => ask(`${await ended()}/rewind`, {}),
    404: async () => ask(`${await opened()}/rewind`, { cursor_turn_id: 'turn_0' }),
    409: async () => ask(`${await opened()}/rewind`, stale),
  },
  'POST /workflow/{workflow_id}/text-chat/sessions/{run_id}/end': {
    200: async () => ask(`${await opened()}/end`, {}),
    400: async () => ask(`${await call()}/end`, {}),
    404: () => ask(`${nobody}/end`, {}),
    409: async () => ask(`${await opened()}/end`, stale),
    429: full,
    503: stopping,
  },
});
