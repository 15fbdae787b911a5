import { createAgent, createSandbox } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { put } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  await createSandbox(server, account);
});
afterAll(() => server.close());

function call(path: string) {
  return server.request
    .post(`/api/v1/public/agent/${path}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' });
}

test('200 archived: its triggers answer 404; 200 active: they work again, at the same address', async () => {
  const agent = await createAgent(server, account);
  const archived = await put(server, account, `${String(agent.id)}/status`, { status: 'archived' }).expect(
    200,
  );
  expect(archived.body).toMatchObject({ id: agent.id, status: 'archived', total_runs: 0 });
  for (const path of [agent.triggerPath, `test/${agent.triggerPath}`, `workflow/${agent.uuid}`]) {
    expect((await call(path).expect(404)).body).toMatchObject({ detail: 'Workflow is not active' });
  }
  await put(server, account, `${String(agent.id)}/status`, { status: 'active' }).expect(200);
  await call(agent.triggerPath).expect(200);
});

test.each([[{ status: 'published' }], [{ status: null }], [{}]])('422 for %j', async (body) => {
  const agent = await createAgent(server, account);
  const reply = await put(server, account, `${String(agent.id)}/status`, body).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'status'] }] });
});

test('404 an agent that does not exist, with Dograh’s capital ID', async () => {
  const reply = await put(server, account, '999999/status', { status: 'active' }).expect(404);
  expect(reply.body).toMatchObject({ detail: 'Workflow with ID 999999 not found' });
});
