/**
 * The output schemas, by which the editor shows fields before the first run, match real outputs. After a change of
 * an output update them with `UPDATE_SCHEMAS=1 npx jest tests/n8n-node/schemas`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { routingHeaders } from '@dograh-trigger/shared';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { resources } from '../../n8n-node/nodes/Dograh/resources';
import { DograhPollingTrigger } from '../../n8n-node/nodes/DograhPollingTrigger/DograhPollingTrigger.node';
import {
  replyPlaced,
  standInAgentUuid,
  standInTriggerUuid,
  startStandIn,
  type StandIn,
} from '../support/dograh-stand-in';
import { n8nContext } from '../support/n8n-context';
import { pollContext } from '../support/n8n-trigger-contexts';

const nodes = join(__dirname, '../../n8n-node/nodes');
const fileUrl = '/api/v1/public/download/workflow/t0ken';
const createdAt = '2026-08-22T03:04:05Z';

const files = {
  recording_url: 'recordings/501.wav',
  recording_public_url: `${fileUrl}/recording`,
  transcript_url: 'transcripts/501.txt',
  transcript_public_url: `${fileUrl}/transcript`,
};
const notes = {
  reason: 'voicemail',
  waiting_for: 'time',
  due_at: createdAt,
  reference: 'order-7823',
  fallback_from: {
    telephony_configuration_id: 1,
    name: 'Main PBX',
    provider: 'ari',
    reason: 'It cannot be reached',
  },
  unresolved_variables: ['user.name'],
  voicemail_left: true,
};
const attempt = {
  number: 1,
  call_id: 'CA1',
  status: 'busy',
  disposition: 'busy',
  reason: 'busy',
  started_at: createdAt,
  ended_at: createdAt,
};
const run = {
  ...files,
  ...notes,
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: createdAt,
  call_type: 'outbound',
  is_completed: true,
  status: 'completed',
  artifacts_ready: true,
  usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: 42 },
  logs: {
    realtime_feedback_events: [{ type: 'rtf-bot-text', payload: { text: 'Hello' }, timestamp: createdAt }],
  },
  initial_context: { called_number: '+14155550100' },
  gathered_context: { call_disposition: 'user_hangup', answered_by: 'machine', extracted_variables: {} },
};
const listed = {
  ...files,
  ...notes,
  mode: 'twilio',
  status: 'completed',
  id: 501,
  workflow_id: 12,
  workflow_name: 'Sales',
  name: 'WR-API-501',
  created_at: createdAt,
  dograh_token_usage: 0,
  call_duration_seconds: 42,
  called_number: '+14155550100',
  disposition: 'user_hangup',
  gathered_context: { answered_by: 'machine', extracted_variables: {} },
};
const agent = {
  id: 12,
  name: 'Sales',
  status: 'active',
  created_at: createdAt,
  workflow_uuid: standInAgentUuid,
};
const list = {
  runs: [listed],
  total_dograh_tokens: 0,
  total_duration_seconds: 42,
  total_count: 1,
  page: 1,
  limit: 100,
  total_pages: 1,
};
const entry = {
  id: 1,
  number: '+14155550100',
  source: 'n8n',
  reason: 'Asked by e-mail',
  until: createdAt,
  is_active: true,
  run_id: null,
  added_at: createdAt,
};
const campaign = {
  id: 3,
  name: 'Reminders',
  workflow_id: 12,
  workflow_name: 'Sales',
  state: 'running',
  source_id: 'campaigns/1/contacts.csv',
  total_rows: 1,
  processed_rows: 0,
  failed_rows: 0,
  created_at: createdAt,
  started_at: createdAt,
  completed_at: createdAt,
  skipped_rows: 0,
  skipped: [],
};
const progress = {
  campaign_id: 3,
  state: 'running',
  total_rows: 1,
  processed_rows: 0,
  failed_calls: 0,
  progress_percentage: 0,
  started_at: createdAt,
  completed_at: createdAt,
};
const query = new URLSearchParams({
  page: '1',
  limit: '100',
  filters: JSON.stringify([{ attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } }]),
}).toString();

let server: StandIn;

beforeAll(async () => {
  server = await startStandIn({
    extensions: ['cancel', 'do-not-call'],
    // With the bundled server's headers for the run and the replaced account.
    trigger: (response) => {
      replyPlaced(response, 1, {
        location: '/api/v1/workflow/12/runs/501',
        ...routingHeaders({ mode: run.mode, fallbackFrom: run.fallback_from }),
      });
    },
    replies: {
      'GET /api/v1/workflow/0/runs/501': run,
      'GET /api/v1/organizations/do-not-call/%2B14155550100': entry,
      'PUT /api/v1/organizations/do-not-call/%2B14155550100': entry,
      'POST /api/v1/workflow/0/runs/501/cancel': {
        status: 'canceling',
        workflow_run_id: 501,
      },
      'GET /api/v1/campaign/': { campaigns: [] },
      'GET /api/v1/campaign/3/progress': progress,
      'POST /api/v1/campaign/3/pause': campaign,
      'POST /api/v1/campaign/3/resume': campaign,
      'POST /api/v1/campaign/3/start': campaign,
      'POST /api/v1/campaign/create': campaign,
      'POST /api/v1/s3/presigned-upload-url': () => ({
        upload_url: `${server.url}/file`,
        file_key: campaign.source_id,
        expires_in: 900,
      }),
      'PUT /file': 'stored',
      'GET /api/v1/workflow/fetch?status=active': [agent],
      'GET /api/v1/workflow/fetch/12': {
        ...agent,
        version_status: 'published',
        workflow_definition: {
          nodes: [
            { id: 't', type: 'trigger', data: { trigger_path: standInTriggerUuid } },
            { id: 's', type: 'startCall', data: { greeting: 'Hello {{first_name | there}}.' } },
          ],
          edges: [],
        },
      },
      [`GET /api/v1/organizations/usage/runs?${query}`]: list,
      [`GET ${fileUrl}/transcript`]: '[2026-08-22T03:04:05Z] user: Hello',
      [`GET ${fileUrl}/recording`]: 'RIFF',
    },
  });
});

afterAll(() => server.close());

const byUuid = { __rl: true, mode: 'list', value: standInAgentUuid };
const operations: [string, string, INodeParameters][] = [
  ['agent', 'get', { agent: byUuid }],
  ['agent', 'getAll', {}],
  ['call', 'cancel', { runId: '501' }],
  ['call', 'downloadRecording', { runId: '501' }],
  ['call', 'get', { runId: '501' }],
  ['call', 'getAll', {}],
  ['call', 'getTranscript', { runId: '501' }],
  ['call', 'place', { agent: byUuid, phoneNumber: '+14155550100' }],
  ['call', 'placeAndWait', { agent: byUuid, phoneNumber: '+14155550100' }],
  ['call', 'waitForCompletion', { runId: '501' }],
  [
    'campaign',
    'addContacts',
    { agent: byUuid, campaignName: 'Reminders', phoneNumber: '={{ $json.phone }}' },
  ],
  ['campaign', 'getProgress', { campaign: '3' }],
  ['campaign', 'pause', { campaign: '3' }],
  ['campaign', 'resume', { campaign: '3' }],
  ['campaign', 'start', { campaign: '3' }],
  ['doNotCall', 'add', { phoneNumber: '+14155550100' }],
  ['doNotCall', 'check', { phoneNumber: '+14155550100' }],
];

test.each(operations)('the output of %s %s matches its schema', async (resource, operation, parameters) => {
  const context = n8nContext({
    baseUrl: server.url,
    apiKey: 'dgr_s',
    // The second one is skipped in a campaign.
    items: resource === 'campaign' ? [{ phone: '+14155550100' }, {}] : [{}],
    parameters: { resource, operation, ...parameters },
  });
  const [items] = await new Dograh().execute.call(context);
  expectSchema(`Dograh/__schema__/v1.0.0/${resource}/${operation}.json`, items?.[0]?.json ?? {});
});

test.each(schemaFiles())('%s: each field has a type other than null', (file) => {
  expect(readFileSync(join(nodes, file), 'utf8')).not.toMatch(/"type": "null"/);
});

test('every operation has a schema', () => {
  const named = operations.map(([resource, operation]) => `${resource} ${operation}`);
  const all = [...resources].flatMap(([resource, list]) =>
    [...list.keys()].map((key) => `${String(resource)} ${String(key)}`),
  );
  expect(named.sort()).toEqual(all.sort());
});

test('the triggers have the same output as Get, and Dograh Trigger also the event and the id of the delivery', async () => {
  const nodeType = new DograhPollingTrigger();
  const options = { baseUrl: server.url, apiKey: 'dgr_s', nodeType, staticData: {} };
  const output = await nodeType.poll.call(pollContext(options, 'manual'));
  const json = output?.[0]?.[0]?.json ?? {};
  expectSchema('DograhPollingTrigger/__schema__/v1.0.0/output.json', json);
  expectSchema('DograhTrigger/__schema__/v1.0.0/output.json', {
    ...json,
    event: 'call.attempt_ended',
    attempt,
    webhook_id: 'd-1',
  });
});

function schemaFiles(): string[] {
  return readdirSync(nodes, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('__schema__') && path.endsWith('.json'))
    .sort();
}

/** Compares the output with the committed schema. With UPDATE_SCHEMAS it writes the schema. */
function expectSchema(file: string, output: IDataObject): void {
  const path = join(nodes, file);
  const schema = { ...schemaOf(output), version: 1 };
  if (process.env.UPDATE_SCHEMAS) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
  }
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(schema);
}

/** A JSON Schema in the format of n8n's own nodes. */
function schemaOf(value: unknown): object {
  if (Array.isArray(value)) return { type: 'array', items: schemaOf(value[0]) };
  if (typeof value !== 'object' || value === null) return { type: value === null ? 'null' : typeof value };
  const properties = Object.entries(value).map(([name, inner]) => [name, schemaOf(inner)]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}
