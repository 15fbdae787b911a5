import { createAgent, definitionWith, saveDraft, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses, type Ask, type Asking } from './documented';

let server: TestServer;
let account: Account;
let agent: TestAgent;
/** An agent with a draft that cannot be published, because it has no Start node. */
let unfinished: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  agent = await createAgent(server, account);
  unfinished = await createAgent(server, account);
  await saveDraft(server, account, unfinished, { workflow_definition: { nodes: [], edges: [] } });
});
afterAll(() => server.close());

const ask = (path: string, body?: object): Ask => ({
  path: `/workflow/${path}`,
  apiKey: account.apiKey,
  ...(body === undefined ? {} : { body }),
});
/** A request outside `/workflow`. */
const own = (path: string): Ask => ({ path, apiKey: account.apiKey });
const missing =
  (suffix: string, body?: object): Asking =>
  () =>
    ask(`999999${suffix}`, body);
/** A definition with the trigger path of another agent. */
const taken = () => definitionWith({ triggerPath: agent.triggerPath });

testStatuses(__filename, () => server, {
  'GET /workflow/fetch': { 200: () => ask('fetch'), 422: () => ask('fetch?status=published') },
  'GET /workflow/summary': { 200: () => ask('summary'), 422: () => ask('summary?status=published') },
  'GET /node-types': { 200: () => own('/node-types') },
  'GET /node-types/{name}': { 200: () => own('/node-types/startCall'), 404: () => own('/node-types/nobody') },
  'GET /knowledge-base/documents': {
    200: () => own('/knowledge-base/documents'),
    422: () => own('/knowledge-base/documents?limit=0'),
  },
  'GET /workflow-recordings/': {
    200: () => own('/workflow-recordings/'),
    422: () => own('/workflow-recordings/?workflow_id=x'),
  },
  'GET /workflow/count': { 200: () => ask('count') },
  'GET /workflow/fetch/{workflow_id}': {
    200: () => ask(`fetch/${agent.id}`),
    404: () => ask('fetch/999999'),
  },
  'POST /workflow/create/definition': {
    200: () => ask('create/definition', { name: 'Agent', workflow_definition: definitionWith() }),
    409: () => ask('create/definition', { name: 'Agent', workflow_definition: taken() }),
  },
  'PUT /workflow/{workflow_id}': {
    200: () => ask(String(agent.id), { name: 'Renamed' }),
    404: missing('', { name: 'Renamed' }),
    409: () => ask(String(unfinished.id), { workflow_definition: taken() }),
  },
  'PUT /workflow/{workflow_id}/status': {
    200: () => ask(`${agent.id}/status`, { status: 'active' }),
    404: missing('/status', { status: 'active' }),
  },
  'POST /workflow/{workflow_id}/duplicate': {
    200: () => ask(`${agent.id}/duplicate`),
    404: missing('/duplicate'),
  },
  'GET /workflow/{workflow_id}/versions': {
    200: () => ask(`${agent.id}/versions`),
    404: missing('/versions'),
    422: () => ask(`${agent.id}/versions?limit=0`),
  },
  'POST /workflow/{workflow_id}/create-draft': {
    200: async () => ask(`${(await createAgent(server, account)).id}/create-draft`),
    404: missing('/create-draft'),
  },
  'POST /workflow/{workflow_id}/publish': {
    200: async () => {
      const { id } = await createAgent(server, account);
      await server.request
        .post(`/api/v1/workflow/${id}/create-draft`)
        .set('X-API-Key', account.apiKey)
        .expect(200);
      return ask(`${id}/publish`);
    },
    400: async () => ask(`${(await createAgent(server, account)).id}/publish`),
    404: missing('/publish'),
    409: () => ask(`${unfinished.id}/publish?revision=another`),
    422: () => ask(`${unfinished.id}/publish`),
  },
  'POST /workflow/{workflow_id}/validate': {
    200: () => ask(`${agent.id}/validate`),
    404: missing('/validate'),
    422: () => ask(`${unfinished.id}/validate`),
  },
});
