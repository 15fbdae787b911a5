/**
 * Access rights for every operation of the OpenAPI document and every kind of caller. Generated from the document, so
 * that a new route is tested with all credentials and all ids before anyone writes a test for it.
 */
import { operations, referredTo, type Operation } from '../support/operations';
import { ask, byKey, bySession, furnish, type Tenant } from '../support/tenants';
import { startTestServer, type TestServer } from '../support/test-server';
import { receiversAllowed } from '../support/webhooks';

let server: TestServer;
let owner: Tenant;
let stranger: Tenant;

beforeEach(async () => {
  server = await startTestServer({
    ...receiversAllowed,
    SIGNUP_ENABLED: 'true',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '100',
  });
  owner = await furnish(server, 'OWNERS');
  stranger = await furnish(server, 'STRANGERS');
});
afterEach(() => server.close());

const guarded = operations.filter(({ takes }) => takes.apiKey || takes.session);
/** Operations whose path names what belongs to nobody: a type of node, and a number that the caller lists. */
const ofNobody = ['GET /api/v1/node-types/{name}', 'PUT /api/v1/organizations/do-not-call/{number}'];
const ofThings = guarded.filter(({ path, name }) => path.includes('{') && !ofNobody.includes(name));
const ofOrganization = guarded.filter((operation) => !ofThings.includes(operation));
/** Deletions come last, and after them the end of the session. */
function takesAway({ method, path }: Operation): number {
  if (path === '/api/v1/auth/logout') return 2;
  return method === 'DELETE' ? 1 : 0;
}
const inOrder = [...guarded].sort((one, other) => takesAway(one) - takesAway(other));

/** Everything that the organization can read, except for what differs at every reading. */
async function allThatIsRead(tenant: Tenant): Promise<string[]> {
  const replies: string[] = [];
  for (const operation of guarded.filter(({ method }) => method === 'GET')) {
    const { text } = await ask(server, operation, byKey(tenant.account.apiKey), tenant);
    replies.push(`${operation.name} ${text.replace(/"cursor":"[^"]*"/, '')}`);
  }
  return replies;
}

test('no key, an archived key and an unknown key are 401 everywhere, and change nothing', async () => {
  const before = await allThatIsRead(owner);
  const strangers = [
    {},
    byKey(owner.archivedKey),
    byKey(`dgr_${'x'.repeat(43)}`),
    { Authorization: 'Bearer x' },
  ];
  const letIn: string[] = [];
  for (const operation of guarded) {
    for (const credentials of strangers) {
      const { status } = await ask(server, operation, credentials, owner);
      if (status !== 401) letIn.push(`${operation.name}: ${String(status)}`);
    }
  }
  expect(letIn).toEqual([]);
  expect(await allThatIsRead(owner)).toEqual(before);
});

test('a session may call exactly the operations that the document says', async () => {
  const wrong: string[] = [];
  for (const operation of inOrder) {
    const { status } = await ask(server, operation, bySession(owner), owner);
    if ((status !== 401) !== operation.takes.session) wrong.push(`${operation.name}: ${String(status)}`);
  }
  expect(wrong).toEqual([]);
});

/** Operations that do not answer 404 for another organization's object. */
const exceptions: Record<string, number> = {
  // Dograh's status for a live trigger path of another organization.
  'POST /api/v1/public/agent/{uuid}': 403,
  'POST /api/v1/public/agent/test/{uuid}': 403,
  // Dograh returns an empty list.
  'GET /api/v1/workflow/{workflow_id}/runs': 200,
};
/** Operations that no API key may use, whatever it names. */
const forPeople = ['DELETE /api/v1/organizations/do-not-call/{number}'];

test.each([
  ['key', ({ account }: Tenant) => byKey(account.apiKey)],
  ['session', bySession],
])('another organization’s %s finds nothing of it, and changes nothing', async (_kind, credentialsOf) => {
  const before = await allThatIsRead(owner);
  const found: string[] = [];
  for (const operation of ofThings) {
    const { status, text } = await ask(server, operation, credentialsOf(stranger), owner);
    const isKey = 'X-API-Key' in credentialsOf(stranger);
    const isOpen = operation.takes.session || isKey;
    const refusal = isKey && forPeople.includes(operation.name) ? 403 : (exceptions[operation.name] ?? 404);
    const expected = isOpen ? refusal : 401;
    if (status !== expected) found.push(`${operation.name}: ${String(status)}`);
    if (text.includes('OWNERS')) found.push(`${operation.name} shows it`);
    if (status === 200 && !text.startsWith('{"runs":[],"total_count":0,'))
      found.push(`${operation.name}: ${text}`);
  }
  expect(found).toEqual([]);
  expect(await allThatIsRead(owner)).toEqual(before);
});

test('replies to an organization show nothing of another one, even if its queries contain ids of the other', async () => {
  const before = await allThatIsRead(owner);
  const shown: string[] = [];
  for (const operation of ofOrganization) {
    const { text } = await ask(server, operation, byKey(stranger.account.apiKey), owner);
    if (text.includes('OWNERS') || text.includes('+14155550111')) shown.push(operation.name);
  }
  expect(shown).toEqual([]);
  expect(await allThatIsRead(owner)).toEqual(before);
});

test('a body with an own id is accepted, and one with an id of another organization is refused', async () => {
  const named: string[] = [];
  const wrong: string[] = [];
  for (const operation of guarded) {
    const { schema, example } = operation.body ?? {};
    if (schema === undefined) continue;
    const properties = Object.keys((referredTo(schema)?.schema ?? schema).properties ?? {});
    const names = properties.filter((name) => name !== 'name' && name in owner.ids);
    const own = Object.fromEntries(names.map((name) => [name, stranger.ids[name] ?? '']));
    for (const name of names) {
      named.push(name);
      const bodies = [own, { ...own, [name]: owner.ids[name] ?? '' }];
      const [served, refused] = await Promise.all(
        bodies.map((ids) =>
          ask(server, operation, byKey(stranger.account.apiKey), stranger, { ...example, ...ids }),
        ),
      );
      if (served!.status >= 300) wrong.push(`${operation.name}, own ${name}: ${served!.text}`);
      if (refused!.status < 400 || refused!.status >= 500)
        wrong.push(`${operation.name}, ${name}: ${refused!.text}`);
    }
  }
  expect([...new Set(named)].sort()).toEqual([
    'api_key_id',
    'from_phone_number_id',
    'hook_id',
    'source_id',
    'telephony_configuration_id',
    'workflow_id',
    'workflow_uuid',
  ]);
  expect(wrong).toEqual([]);
});
