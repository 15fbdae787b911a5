/**
 * Access rights for every operation of the OpenAPI document and every kind of caller. Generated from the document, so
 * that a new route is tested with all credentials and all ids before anyone writes a test for it.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import { createAgent, createSandbox, saveDraft } from '../support/agents';
import { operations, referredTo, type Operation } from '../support/operations';
import { replyText } from '../support/reply-text';
import { addPhoneNumber } from '../support/telephony';
import { startTestServer, type Account, type TestServer } from '../support/test-server';
import { completeCall, deliverDue, listDeliveries, receiversAllowed } from '../support/webhooks';

/** Occurs in every text of an organization, so that the test finds a reply that shows one. */
type Mark = 'OWNERS' | 'STRANGERS';

/** An organization with one object of every kind, and their ids for parameters and bodies. */
interface Tenant {
  account: Account;
  archivedKey: string;
  ids: Record<string, string>;
}

let server: TestServer;
let owner: Tenant;
let stranger: Tenant;

beforeEach(async () => {
  server = await startTestServer({
    ...receiversAllowed,
    SIGNUP_ENABLED: 'true',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '100',
  });
  owner = await furnish('OWNERS');
  stranger = await furnish('STRANGERS');
});
afterEach(() => server.close());

async function furnish(mark: Mark): Promise<Tenant> {
  const account = await server.signUp();
  const post = async (path: string, body: object) => {
    const reply = await server.request
      .post(`/api/v1${path}`)
      .set('X-API-Key', account.apiKey)
      .send(body)
      .expect(200);
    return reply.body as { id: number | string; uuid: string; api_key: string };
  };
  const configurationId = await createSandbox(server, account);
  const number = await addPhoneNumber(server, account, configurationId, {
    address: mark === 'OWNERS' ? '+14155550111' : '+14155550222',
  });
  const agent = await createAgent(server, account);
  await saveDraft(server, account, agent, { name: mark, template_context_variables: { mark } });
  const credential = await post('/credentials/', {
    name: mark,
    credential_type: 'bearer_token',
    credential_data: { token: mark },
  });
  const hook = await post('/hooks', {
    target_url: `http://127.0.0.1:9/${mark}`,
    event: 'call.completed',
  });
  const runId = await completeCall(server, account, agent, { initial_context: { mark } });
  await deliverDue(server);
  const [delivery] = await listDeliveries(server, account);
  const archived = await post('/user/api-keys', { name: mark });
  await server.request
    .delete(`/api/v1/user/api-keys/${String(archived.id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return {
    account,
    archivedKey: archived.api_key,
    ids: {
      uuid: agent.triggerPath,
      workflow_uuid: agent.uuid,
      workflow_id: String(agent.id),
      run_id: String(runId),
      config_id: String(configurationId),
      telephony_configuration_id: String(configurationId),
      phone_number_id: String(number.id),
      from_phone_number_id: String(number.id),
      credential_uuid: credential.uuid,
      hook_id: String(hook.id),
      delivery_id: delivery?.id ?? '',
      api_key_id: String(archived.id),
      // Belongs to nobody: every organization has the same types of node.
      name: 'startCall',
    },
  };
}

type Credentials = Record<string, string>;
const byKey = (key: string): Credentials => ({ 'X-API-Key': key });
const bySession = ({ account }: Tenant): Credentials => ({ Authorization: `Bearer ${account.token}` });

/** @param things the organization whose objects the path, the query and the body refer to. */
async function ask(operation: Operation, credentials: Credentials, things: Tenant, body?: JsonObject) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const id = things.ids[name];
    if (id === undefined) throw new Error(`What is {${name}} of ${operation.name}? Add one to the tenants.`);
    return encodeURIComponent(id);
  });
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.name in things.ids)
    .map(({ name }) => `${name}=${encodeURIComponent(things.ids[name] ?? '')}`);
  const sent = body ?? operation.body?.example;
  const reply = await fetch(`${server.baseUrl}${path}?${query.join('&')}`, {
    method: operation.method,
    headers: { ...credentials, ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  return { status: reply.status, text: await replyText(reply) };
}

const guarded = operations.filter(({ takes }) => takes.apiKey || takes.session);
const ofThings = guarded.filter(({ path }) => path.includes('{') && path !== '/api/v1/node-types/{name}');
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
    const { text } = await ask(operation, byKey(tenant.account.apiKey), tenant);
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
      const { status } = await ask(operation, credentials, owner);
      if (status !== 401) letIn.push(`${operation.name}: ${String(status)}`);
    }
  }
  expect(letIn).toEqual([]);
  expect(await allThatIsRead(owner)).toEqual(before);
});

test('a session may call exactly the operations that the document says', async () => {
  const wrong: string[] = [];
  for (const operation of inOrder) {
    const { status } = await ask(operation, bySession(owner), owner);
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

test.each([
  ['key', ({ account }: Tenant) => byKey(account.apiKey)],
  ['session', bySession],
])('another organization’s %s finds nothing of it, and changes nothing', async (_kind, credentialsOf) => {
  const before = await allThatIsRead(owner);
  const found: string[] = [];
  for (const operation of ofThings) {
    const { status, text } = await ask(operation, credentialsOf(stranger), owner);
    const isOpen = operation.takes.session || 'X-API-Key' in credentialsOf(stranger);
    const expected = isOpen ? (exceptions[operation.name] ?? 404) : 401;
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
    const { text } = await ask(operation, byKey(stranger.account.apiKey), owner);
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
        bodies.map((ids) => ask(operation, byKey(stranger.account.apiKey), stranger, { ...example, ...ids })),
      );
      if (served!.status >= 300) wrong.push(`${operation.name}, own ${name}: ${served!.text}`);
      if (refused!.status < 400 || refused!.status >= 500)
        wrong.push(`${operation.name}, ${name}: ${refused!.text}`);
    }
  }
  expect([...new Set(named)].sort()).toEqual([
    'from_phone_number_id',
    'hook_id',
    'telephony_configuration_id',
    'workflow_id',
    'workflow_uuid',
  ]);
  expect(wrong).toEqual([]);
});
