/** The OpenAPI document: committed, served and complete, without an unnoticed secret in a reply. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiDocument } from '../../trigger-server/src/app';
import { startTestServer, type TestServer } from '../support/test-server';

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}
interface Operation {
  operationId: string;
  summary: string;
  responses: Record<
    string,
    { headers?: Record<string, unknown>; content?: Record<string, { schema: Schema }> }
  >;
}
interface Document {
  webhooks: Record<string, { post: { requestBody: { content: Record<string, { schema: Schema }> } } }>;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

let server: TestServer;
let document: Document;
beforeAll(async () => {
  server = await startTestServer();
  document = apiDocument(server.services) as Document;
});
afterAll(() => server.close());

const operations = () => Object.values(document.paths).flatMap((path) => Object.values(path));

test('the committed document is the one that is served (npm run openapi writes it anew)', async () => {
  const committed: unknown = JSON.parse(
    readFileSync(join(__dirname, '../../trigger-server/openapi.json'), 'utf8'),
  );
  const served = await server.request.get('/api/v1/openapi.json').expect(200);
  expect(committed).toEqual(served.body);
});

test('every reference resolves', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, reference]) => reference,
  );
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    expect(Object.keys(document.components.schemas)).toContain(
      reference?.replace('#/components/schemas/', ''),
    );
  }
});

test('every operation has an id of its own and a summary', () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { summary } of operations()) expect(summary).not.toBe('');
});

test('the trigger route documents every status it can answer with', () => {
  const operation = document.paths['/api/v1/public/agent/{uuid}']?.post;
  expect(Object.keys(operation?.responses ?? {})).toEqual([
    '200',
    '202',
    '400',
    '401',
    '403',
    '404',
    '409',
    '413',
    '415',
    '422',
    '429',
    '501',
    '503',
    '504',
  ]);
});

test.each([
  ['/api/v1/workflow/{workflow_id}/runs/{run_id}/cancel', 'post'],
  ['/api/v1/webhook-deliveries/{delivery_id}/redeliver', 'post'],
])('%s is asynchronous: its success is 202, not 200', (path, method) => {
  const statuses = Object.keys(document.paths[path]?.[method]?.responses ?? {});
  expect(statuses).toContain('202');
  expect(statuses).not.toContain('200');
});

test('a download documents its parts, and says which headers come with which status', () => {
  const { responses } = document.paths['/api/v1/public/download/workflow/{token}/{artifact_type}']!.get!;
  const headers = Object.entries(responses).map(([status, reply]) => [
    status,
    Object.keys(reply.headers ?? {}),
  ]);
  expect(headers).toEqual([
    ['200', ['ETag']],
    ['206', ['ETag', 'Content-Range']],
    ['400', []],
    ['404', []],
    ['416', ['Content-Range']],
    ['422', []],
    ['503', []],
  ]);
});

test('an id that cannot exist is documented as 404', () => {
  const paths = Object.entries(document.paths).filter(([path]) => /^\/api\/v1\/workflow\/\{/.test(path));
  expect(paths.length).toBeGreaterThan(5);
  for (const [, methods] of paths) {
    for (const { responses } of Object.values(methods)) expect(Object.keys(responses)).toContain('404');
  }
});

test('each event that receivers get has a schema', () => {
  const schemas = Object.entries(document.webhooks).map(([name, { post }]) => [
    name,
    post.requestBody.content['application/json']?.schema.$ref,
  ]);
  expect(schemas).toEqual([
    ['callAnswered', '#/components/schemas/CallAnsweredEvent'],
    ['callCompleted', '#/components/schemas/CallCompletedEvent'],
    ['callAttemptEnded', '#/components/schemas/CallAttemptEndedEvent'],
    ['callArtifactsReady', '#/components/schemas/CallArtifactsReadyEvent'],
  ]);
});

/** Where a reply holds a secret. A new one must be added here on purpose. */
test('secrets appear in these replies and no others', () => {
  const secretName = /token|secret|password|api_key|credential/i;
  const found = new Set<string>();
  const walk = (schema: Schema, path: string, seen: readonly string[]): void => {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.replace('#/components/schemas/', '');
      if (!seen.includes(name)) walk(document.components.schemas[name] ?? {}, name, [...seen, name]);
      return;
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (secretName.test(name)) found.add(`${path}.${name}`);
      walk(property, `${path}.${name}`, seen);
    }
    for (const inner of [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
      if (inner !== undefined) walk(inner, path, seen);
    }
  };
  for (const { operationId, responses } of operations()) {
    for (const [status, { content }] of Object.entries(responses)) {
      if (status.startsWith('2')) walk(content?.['application/json']?.schema ?? {}, operationId, []);
    }
  }
  expect([...found].sort()).toEqual([
    'ConsoleSession.can_reset_password', // whether it may
    'ConsoleSession.csrf_token', // for the page that is signed in
    'ConsoleSession.has_password', // whether there is one
    'CreatedApiKey.api_key', // shown only once
    'CreatedHook.secret', // what the subscriber verifies events with
    'OrganizationUser.has_password', // only whether there is one
    'QaNode.data.qa_api_key', // the agent's own, kept for Dograh: readable with the agent
    'Run.cost_info.dograh_token_usage', // a count of tokens
    'Run.public_access_token', // opens the run's own artifacts
    'Run.source.api_key_id', // a number
    'Run.source.api_key_name', // only its name
    'Session.token', // the reply to a log-in
    'StartCallNode.data.pre_call_fetch_credential_uuid', // a credential's name
    'TelephonyConfiguration.credentials', // masked
    'TelephonyConfigurationWarnings.vonage_missing_signature_secret_count', // a count
    'UsagePage.total_dograh_tokens', // a count of tokens
    'UsageRun.dograh_token_usage', // a count of tokens
    'UsageRun.public_access_token', // opens the run's own artifacts
    'UsageRun.source.api_key_id', // a number
    'UsageRun.source.api_key_name', // only its name
    'WebhookCredential.credential_type', // only its type
    'WebhookNode.data.credential_uuid', // a credential's name
    'WebhookSecret.previous_secret_expires_at', // a time
    'WebhookSecret.secret', // what receivers verify events with
  ]);
});

describe('/docs', () => {
  test('shows the document with scripts and styles of this server only', async () => {
    const page = await server.request.get('/docs/').expect(200);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//);
      await server.request.get(source).expect(200);
    }
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });
});
