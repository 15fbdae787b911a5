/** Every route with a key of every scope. Generated from the document, which is generated from the routes. */
import { keyScopes, type KeyScope } from '@dograh-trigger/shared';
import { createApiKey } from '../../../../trigger-server/src/accounts/api-keys';
import { operations, type Operation } from '../../../support/operations';
import { startTestServer, type TestServer } from '../../../support/test-server';

const guarded = operations.filter(({ takes }) => takes.apiKey || takes.session);

let server: TestServer;
const keys = new Map<KeyScope, string>();
beforeAll(async () => {
  server = await startTestServer();
  const { organizationId, userId } = await server.signUp();
  for (const scope of keyScopes) {
    const { key } = await server.storage.write((session) =>
      createApiKey(server.services, session, { organizationId, userId, name: scope, scope }),
    );
    keys.set(scope, key);
  }
});
afterAll(() => server.close());

/** Whether the route refuses the key for its scope. Nothing that the path and the body name exists. */
async function isRefused({ method, path }: Operation, scope: KeyScope): Promise<boolean> {
  const reply = await fetch(`${server.baseUrl}${path.replace(/\{\w+\}/g, '2147483647')}`, {
    method,
    headers: { 'X-API-Key': keys.get(scope) ?? '', 'Content-Type': 'application/json' },
    ...(method === 'GET' ? {} : { body: '[]' }),
  });
  if (reply.status !== 403) {
    await reply.body?.cancel();
    return false;
  }
  return ((await reply.json()) as { code: string }).code === 'scope_missing';
}

test.each(keyScopes)(
  'a key with the scope %s may use exactly the routes that the document says',
  async (scope) => {
    const wrong: string[] = [];
    for (const operation of guarded) {
      if ((await isRefused(operation, scope)) === operation.scopes.includes(scope))
        wrong.push(operation.name);
    }
    expect(wrong).toEqual([]);
  },
);

test('a key with the scope admin may use every route', () => {
  expect(guarded.filter(({ scopes }) => !scopes.includes('admin'))).toEqual([]);
});

test('a leaked trigger key can use these routes and no others', () => {
  const open = guarded.filter(({ scopes }) => scopes.includes('trigger')).map(({ name }) => name);
  expect(open.map((name) => name.replace('/api/v1', '')).sort()).toEqual([
    'DELETE /hooks/{hook_id}',
    'GET /auth/me',
    'GET /hooks',
    'GET /organizations/do-not-call/{number}',
    'GET /organizations/telephony-configs',
    'GET /organizations/telephony-configs/{config_id}/phone-numbers',
    'GET /organizations/usage/runs',
    'GET /organizations/webhook-secret',
    'GET /user/auth/user',
    'GET /workflow/fetch',
    'GET /workflow/fetch/{workflow_id}',
    'GET /workflow/summary',
    'GET /workflow/{workflow_id}/runs/{run_id}',
    'GET /workflow/{workflow_id}/versions',
    'PATCH /workflow/{workflow_id}/runs/{run_id}',
    'POST /hooks',
    'POST /hooks/{hook_id}/test',
    'POST /organizations/do-not-call/csv',
    'POST /organizations/queue/cancel',
    'POST /public/agent/test/workflow/{workflow_uuid}',
    'POST /public/agent/test/{uuid}',
    'POST /public/agent/workflow/{workflow_uuid}',
    'POST /public/agent/{uuid}',
    'POST /workflow/{workflow_id}/runs/{run_id}/cancel',
    'POST /workflow/{workflow_id}/runs/{run_id}/outcome',
    'PUT /organizations/do-not-call/{number}',
  ]);
});

test('a read key reads, and beyond that only asks what would be', () => {
  const other = guarded.filter(({ scopes, method }) => scopes.includes('read') && method !== 'GET');
  expect(other.map(({ name }) => name.replace('/api/v1', ''))).toEqual(
    expect.arrayContaining([
      'POST /organizations/destination-policy/check',
      'POST /workflow/{workflow_id}/validate',
    ]),
  );
  expect(other).toHaveLength(2);
});

test('the refusal says which scope the key has, and which the request needs', async () => {
  const reply = await server.request
    .delete('/api/v1/user/api-keys/1')
    .set('X-API-Key', keys.get('trigger') ?? '')
    .expect(403);
  expect(reply.body).toEqual({
    detail:
      'This API key has the scope trigger, and this request needs admin: nothing was done. Use a key with that scope.',
    code: 'scope_missing',
  });
});
