/** Every route that accepts a JSON object reports ignored names. */
import { apiDocument } from '../../../trigger-server/src/app';
import { readyToCall } from '../../support/agents';
import { ofOwnPage } from '../../support/browser-session';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

interface Operation {
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { headers?: Record<string, unknown> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  ({ account } = await readyToCall(server));
});
afterAll(() => server.close());

function takesJson({ requestBody }: Operation): boolean {
  return requestBody !== undefined && 'application/json' in requestBody.content;
}

/** Method and path of all routes with a JSON body, with a value for every parameter. */
function routesWithBody(): [string, string][] {
  const { paths } = apiDocument(server.services) as Document;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => takesJson(operation))
      .map(([method]): [string, string] => [
        method,
        path
          .replace(/\{(?:credential|tool)_uuid\}/, '00000000-0000-4000-8000-000000000000')
          .replace(/\{\w+\}/g, '1'),
      ]),
  );
}

/** As a page of this server sends it: some routes refuse every other page before they read the body. */
function send(to: TestServer, key: string, [method, path]: [string, string], body: object) {
  return to.request[method as 'post' | 'put'](path).set(ofOwnPage).set('X-API-Key', key).send(body);
}

test('a body with only unknown names is 422 on every route, and the error lists the known ones', async () => {
  const routes = routesWithBody();
  expect(routes.length).toBeGreaterThan(15);
  for (const route of routes) {
    const { status, body, headers } = await send(server, account.apiKey, route, { zz: 1 });
    const { detail } = body as { detail: { msg: string }[] };
    expect({ route, status }).toEqual({ route, status: 422 });
    const words = detail.map(({ msg }) => msg).join('\n');
    // These settings are replaced as a whole, and reject every other name (zod's strict object).
    if (/\/(?:destination-policy|retention)$/.test(route[1])) {
      expect(words).toContain('zz');
    } else {
      expect(words).toMatch(/Nothing of this is known here\. Known are: \w+/);
      expect(headers['ignored-fields']).toBe('zz');
    }
  }
});

test('the document says of each of them that the header comes', () => {
  const { paths } = apiDocument(server.services) as Document;
  const silent = Object.entries(paths).flatMap(([path, operations]) =>
    Object.values(operations)
      .filter(takesJson)
      .filter(({ responses }) => !('Ignored-Fields' in (responses['200']?.headers ?? {})))
      .map(() => path),
  );
  expect(silent.sort()).toEqual([
    '/api/v1/organizations/destination-policy',
    '/api/v1/organizations/retention',
  ]);
});

describe('PUT /workflow/{workflow_id}', () => {
  const put = async (at: TestServer, body: (agent: object) => object) => {
    const { account: own, agent } = await readyToCall(at);
    const read = await at.request
      .get(`/api/v1/workflow/fetch/${agent.id}`)
      .set('X-API-Key', own.apiKey)
      .expect(200);
    return send(at, own.apiKey, ['put', `/api/v1/workflow/${agent.id}`], body(read.body as object));
  };

  test('with a greeting alone is refused: it would change nothing', async () => {
    const reply = await put(server, () => ({ greeting: 'Good morning' }));
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({
      code: 'unknown_field',
      detail: [
        {
          type: 'unknown_field',
          loc: ['body'],
          msg: 'Nothing of this is known here. Known are: name, workflow_definition, template_context_variables, workflow_configurations, revision',
          input: null,
        },
      ],
    });
  });

  test('with a misspelt field is refused, though the name beside it is known', async () => {
    const reply = await put(server, () => ({ name: 'New', templateContextVariables: { city: 'Pune' } }));
    expect(reply.status).toBe(422);
    expect(JSON.stringify(reply.body)).toContain('Did you mean template_context_variables?');
  });

  test('with an agent as it was read succeeds, and names the read-only fields as ignored', async () => {
    const reply = await put(server, (agent) => ({ ...agent, name: 'New' }));
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ name: 'New' });
    const ignored = String(reply.headers['ignored-fields']).split(', ');
    expect(ignored).toEqual(expect.arrayContaining(['id', 'status', 'created_at', 'workflow_uuid']));
    expect(ignored).not.toContain('workflow_definition');
  });

  test('ignores unknown fields silently on plain Dograh', async () => {
    const plain = await startTestServer({ EXTENSIONS: '' });
    try {
      const reply = await put(plain, () => ({ greeting: 'Good morning', templateContextVariables: {} }));
      expect(reply.status).toBe(200);
      expect(reply.headers).not.toHaveProperty('ignored-fields');
    } finally {
      await plain.close();
    }
  });
});
