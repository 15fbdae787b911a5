/** The examples of the OpenAPI document ("Try it out" of /docs) work on a server after its first start. */
import { createSignInLink } from '../../trigger-server/src/accounts/sign-in-links';
import { apiDocument } from '../../trigger-server/src/app';
import { feedCampaigns } from '../../trigger-server/src/calls/campaigns/engine/worker';
import { seedDemo } from '../../trigger-server/src/seed';
import { ofOwnPage } from '../support/browser-session';
import { askForUpload, createCampaign, order, uploadContacts } from '../support/campaigns';
import { openChat } from '../support/text-chats';
import { startTestServer, type TestServer } from '../support/test-server';

const apiKey = `dgr_${'e'.repeat(43)}`;

interface Body {
  schema: { $ref: string };
  example?: unknown;
}
interface Document {
  paths: Record<
    string,
    Record<
      string,
      { requestBody?: { content: { 'application/json'?: Body; 'text/csv'?: { example: string } } } }
    >
  >;
  components: { schemas: Record<string, { examples?: unknown[] }> };
}

/** A server after its first start, with one object for every id in a path. */
async function startSeeded(): Promise<{ server: TestServer; parameters: Record<string, string> }> {
  const server = await startTestServer({ SIGNUP_ENABLED: 'true', BOOTSTRAP_API_KEY: apiKey });
  const demo = await seedDemo(server.services);
  const post = async (path: string, body: object) =>
    (await server.request.post(`/api/v1${path}`).set('X-API-Key', apiKey).send(body).expect(200)).body as {
      id: number;
      uuid: string;
      tool_uuid: string;
    };
  const number = await post('/organizations/telephony-configs/1/phone-numbers', { address: '+14155550199' });
  const credential = await post('/credentials/', {
    name: 'An earlier one',
    credential_type: 'none',
    credential_data: {},
  });
  // It asks for an argument that the example of its test does not give, so nothing is sent.
  const parameters = [{ name: 'id', type: 'string', description: 'An id' }];
  const tool = await post('/tools/', {
    name: 'An earlier one',
    definition: {
      type: 'http_api',
      config: { method: 'GET', url: 'https://tools.example.com/', parameters },
    },
  });
  const later = await server.request
    .post(`/api/v1/public/agent/${demo?.triggerPath ?? ''}`)
    .set('X-API-Key', apiKey)
    .send({ phone_number: '+14155550177', not_before: '2026-11-24T12:00:00Z' })
    .expect(202);
  const agent = await server.request.get('/api/v1/workflow/fetch/1').set('X-API-Key', apiKey).expect(200);
  return {
    server,
    parameters: {
      uuid: demo?.triggerPath ?? '',
      workflow_uuid: (agent.body as { workflow_uuid: string }).workflow_uuid,
      workflow_id: '1',
      config_id: '1',
      run_id: String((later.body as { workflow_run_id: number }).workflow_run_id),
      phone_number_id: String(number.id),
      credential_uuid: credential.uuid,
      tool_uuid: tool.tool_uuid,
      number: '+14155550142',
    },
  };
}

async function readDocument(): Promise<Document> {
  const server = await startTestServer();
  try {
    return apiDocument(server.services) as Document;
  } finally {
    await server.close();
  }
}

let document: Document;
beforeAll(async () => {
  document = await readDocument();
});

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      if (requestBody === undefined) return [];
      const body = requestBody.content['application/json'];
      if (body === undefined) return [{ path, method, examples: [requestBody.content['text/csv']?.example] }];
      const name = body.schema.$ref.replace('#/components/schemas/', '');
      const further = document.components.schemas[name]?.examples?.slice(1) ?? [];
      return [{ path, method, examples: body.example === undefined ? [] : [body.example, ...further] }];
    }),
  );

test('every operation with a body has an example', () => {
  expect(operations().length).toBeGreaterThan(15);
  expect(operations().filter(({ examples }) => examples.length === 0)).toEqual([]);
});

/** The headers for a request. Creates what the request needs: a password needs a user who has signed up. */
async function identify(server: TestServer, path: string, example: unknown): Promise<Record<string, string>> {
  const signUp = async (body: unknown) =>
    (
      await server.request
        .post('/api/v1/auth/signup')
        .send(body as object)
        .expect(200)
    ).body as { token: string };
  if (path === '/api/v1/auth/login' || path === '/api/v1/console/session') await signUp(example);
  if (path.startsWith('/api/v1/console/')) return ofOwnPage;
  if (path !== '/api/v1/user/password') return { 'X-API-Key': apiKey };
  const { current_password: password } = example as { current_password: string };
  return { Authorization: `Bearer ${(await signUp({ email: 'jane@example.com', password })).token}` };
}

/** The example with a token of this server: a link is random. */
async function withLink(server: TestServer, example: object): Promise<object> {
  const reply = await server.request.get('/api/v1/auth/me').set('X-API-Key', apiKey).expect(200);
  const { id } = reply.body as { id: number };
  const token = await server.storage.write((session) => createSignInLink(server.services, session, id));
  return { ...example, token };
}

/** The example with what is random, or is there only after other requests. */
async function fit(server: TestServer, path: string, example: object): Promise<object> {
  if (path.endsWith('/session/link')) return withLink(server, example);
  if (path !== '/api/v1/campaign/create') return example;
  const { file_key: source_id } = await uploadContacts(server, { apiKey }, 'phone_number\n+14155550142\n');
  return { ...example, source_id };
}

async function uploadToken(server: TestServer): Promise<string> {
  const { upload_url: url } = await askForUpload(server, { apiKey });
  return url.split('/').at(-1) ?? '';
}

async function chatFor(server: TestServer): Promise<string> {
  return String((await openChat(server, { apiKey }, 1)).id);
}

/** A campaign; one that has ended and reached nobody where the path redials it. */
async function campaignFor(server: TestServer, path: string): Promise<string> {
  const once = { retry_config: { enabled: false } };
  const { id } = await createCampaign(server, { apiKey }, { id: 1 }, ['+15005550011'], once);
  if (path.endsWith('/redial')) {
    await order(server, { apiKey }, id, 'start');
    for (let round = 0; round < 8; round += 1) {
      await feedCampaigns(server.services);
      await server.advance(1000);
    }
  }
  return String(id);
}

test('each example succeeds as it is, and every field of it does something', async () => {
  const outcomes: unknown[] = [];
  const expected: unknown[] = [];
  for (const { path, method, examples } of operations()) {
    for (const example of examples) {
      const { server, parameters } = await startSeeded();
      try {
        const identification = await identify(server, path, example);
        const body = await fit(server, path, example as object);
        if (path.includes('{campaign_id}')) parameters.campaign_id = await campaignFor(server, path);
        if (path.includes('/sessions/{run_id}')) parameters.run_id = await chatFor(server);
        if (path.includes('/s3/files/')) parameters.token = await uploadToken(server);
        const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => parameters[name] ?? `{${name}}`);
        const reply = await fetch(`${server.baseUrl}${filled}`, {
          method: method.toUpperCase(),
          headers: {
            ...identification,
            'Content-Type': typeof body === 'string' ? 'text/csv' : 'application/json',
          },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
        const text = await reply.text();
        outcomes.push([method, path, reply.ok ? 'done' : text, reply.headers.get('ignored-fields')]);
        expected.push([method, path, 'done', null]);
      } finally {
        await server.close();
      }
    }
  }
  expect(outcomes).toEqual(expected);
});

test('the example of an agent can be published as it stands', async () => {
  const { server } = await startSeeded();
  try {
    const create = operations().find(({ path }) => path === '/api/v1/workflow/create/definition');
    const created = await server.request
      .post('/api/v1/workflow/create/definition')
      .set('X-API-Key', apiKey)
      .send(create?.examples[0] as object)
      .expect(200);
    const { id } = created.body as { id: number };
    const report = await server.request
      .post(`/api/v1/workflow/${String(id)}/validate`)
      .set('X-API-Key', apiKey)
      .expect(200);
    expect(report.body).toMatchObject({ is_valid: true, errors: [], warnings: [] });
  } finally {
    await server.close();
  }
});
