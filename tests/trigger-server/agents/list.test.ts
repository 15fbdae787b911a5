import type { AgentListItem } from '@dograh-trigger/shared';
import { createAgent, createSandbox, definitionWith, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { get, post, put } from './support';

let server: TestServer;
let account: Account;
let active: TestAgent;
let archived: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  await createSandbox(server, account);
  active = await createAgent(server, account);
  archived = await createAgent(server, account);
  await put(server, account, `${String(archived.id)}/status`, { status: 'archived' }).expect(200);
});
afterAll(() => server.close());

async function ids(path: string): Promise<number[]> {
  return ((await get(server, account, path).expect(200)).body as { id: number }[]).map(({ id }) => id);
}

describe('GET /workflow/fetch 200', () => {
  test('a row has exactly these keys, and no definition', async () => {
    const rows = (await get(server, account, 'fetch').expect(200)).body as AgentListItem[];
    expect(rows[0]).toEqual({
      id: active.id,
      name: 'Agent',
      status: 'active',
      created_at: '2026-11-23T12:00:00.000Z',
      total_runs: 0,
      folder_id: null,
      workflow_uuid: active.uuid,
      published_version: 1,
      draft_version: null,
    });
  });

  test('a row has the number of the version in production and of the draft', async () => {
    const other = await server.signUp();
    const { id } = await createAgent(server, other);
    await post(server, other, `${String(id)}/create-draft`).expect(200);
    await post(server, other, `${String(id)}/publish`).expect(200);
    await post(server, other, `${String(id)}/create-draft`).expect(200);
    const rows = (await get(server, other, 'fetch').expect(200)).body as AgentListItem[];
    expect(rows).toMatchObject([{ id, published_version: 2, draft_version: 3 }]);
  });

  test('without a filter, and with an empty one, archived agents are listed too', async () => {
    expect(await ids('fetch')).toEqual([active.id, archived.id]);
    expect(await ids('fetch?status=')).toEqual([active.id, archived.id]);
  });

  test.each(['fetch', 'summary'])(
    '%s filters by one status, or by several with spaces around the comma',
    async (path) => {
      expect(await ids(`${path}?status=active`)).toEqual([active.id]);
      expect(await ids(`${path}?status=archived`)).toEqual([archived.id]);
      expect(await ids(`${path}?status=active%20,%20archived`)).toEqual([active.id, archived.id]);
    },
  );

  test('total_runs counts the calls of that agent', async () => {
    await server.request
      .post(`/api/v1/public/agent/${active.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100' })
      .expect(200);
    const rows = (await get(server, account, 'fetch').expect(200)).body as AgentListItem[];
    expect(rows.map((row) => row.total_runs)).toEqual([1, 0]);
  });
});

test.each([
  ['published', "['published']"],
  ['active,', "['<empty>']"],
  ['x,active,y', "['x', 'y']"],
])('GET /workflow/fetch?status=%s 422 with a text', async (status, named) => {
  const reply = await get(server, account, `fetch?status=${status}`).expect(422);
  expect(reply.body).toMatchObject({
    detail: `Invalid workflow status filter: ${named}. Allowed values: ['active', 'archived'].`,
  });
});

test('GET /workflow/summary 200 has ids and names only', async () => {
  const reply = await get(server, account, 'summary?status=active').expect(200);
  expect(reply.body).toEqual([{ id: active.id, name: 'Agent' }]);
});

test('GET /workflow/count 200 counts all, active and archived agents', async () => {
  const reply = await get(server, account, 'count').expect(200);
  expect(reply.body).toEqual({ total: 2, active: 1, archived: 1 });
});

describe('GET /workflow/fetch/{workflow_id}', () => {
  test('200 carries every key of Dograh, and the two trigger URLs', async () => {
    const reply = await get(server, account, `fetch/${String(active.id)}`).expect(200);
    const agent = reply.body as Record<string, unknown> & {
      trigger_urls: { production: string; test: string };
    };
    expect(Object.keys(agent).sort()).toEqual(
      [
        'call_disposition_codes',
        'created_at',
        'current_definition_id',
        'id',
        'name',
        'revision',
        'status',
        'template_context_variables',
        'total_runs',
        'trigger_urls',
        'version_number',
        'version_status',
        'workflow_configurations',
        'workflow_definition',
        'workflow_uuid',
      ].sort(),
    );
    expect(agent).toMatchObject({
      version_number: 1,
      version_status: 'published',
      workflow_uuid: active.uuid,
    });
    expect(agent.trigger_urls).toEqual({
      production: `${server.baseUrl}/api/v1/public/agent/${active.triggerPath}`,
      test: `${server.baseUrl}/api/v1/public/agent/test/${active.triggerPath}`,
    });
  });

  test.each(['999999', '2147483648', '99999999999999999999', 'abc', '-1'])('404 for id %s', async (id) => {
    const reply = await get(server, account, `fetch/${id}`).expect(404);
    expect(reply.body).toMatchObject({ detail: `Workflow with id ${id} not found` });
  });
});

describe('trigger_urls', () => {
  test('begin with the address that this caller used: a call to them rings', async () => {
    const reply = await get(server, account, `fetch/${String(active.id)}`).expect(200);
    const { production } = (reply.body as { trigger_urls: { production: string } }).trigger_urls;
    const called = await fetch(production, {
      method: 'POST',
      headers: { 'X-API-Key': account.apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ phone_number: '+14155550100' }),
    });
    expect(called.status).toBe(200);
  });

  test('every reply that shows an agent has them', async () => {
    const { id } = await createAgent(server, account);
    const replies = [
      await post(server, account, 'create/definition', { name: 'A', workflow_definition: definitionWith() }),
      await put(server, account, String(id), { name: 'Renamed' }),
      await put(server, account, `${String(id)}/status`, { status: 'active' }),
      await post(server, account, `${String(id)}/duplicate`),
    ];
    for (const reply of replies) {
      expect((reply.body as { trigger_urls: { test: string } }).trigger_urls.test).toMatch(
        new RegExp(`^${server.baseUrl}/api/v1/public/agent/test/[0-9a-f-]{36}$`),
      );
    }
  });

  test('begin with PUBLIC_BASE_URL where it is set', async () => {
    const reached = await startTestServer({
      PUBLIC_BASE_URL: 'https://calls.example.com/',
      SIGNUP_ENABLED: 'true',
    });
    const owner = await reached.signUp();
    const agent = await createAgent(reached, owner);
    const reply = await get(reached, owner, `fetch/${String(agent.id)}`).expect(200);
    await reached.close();
    expect((reply.body as { trigger_urls: unknown }).trigger_urls).toEqual({
      production: `https://calls.example.com/api/v1/public/agent/${agent.triggerPath}`,
      test: `https://calls.example.com/api/v1/public/agent/test/${agent.triggerPath}`,
    });
  });

  test('are absent on a server without extensions', async () => {
    const plain = await startTestServer({ EXTENSIONS: '' });
    const owner = await plain.signUp();
    const agent = await createAgent(plain, owner);
    const reply = await get(plain, owner, `fetch/${String(agent.id)}`).expect(200);
    await plain.close();
    expect(reply.body).not.toHaveProperty('trigger_urls');
  });
});
