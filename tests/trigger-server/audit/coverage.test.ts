/** Every route that changes something leaves an entry in the trail. Generated from the document. */
import type { AuditAction, AuditPage } from '@dograh-trigger/shared';
import { operations, type Operation } from '../../support/operations';
import { ask, byKey, bySession, furnish, type Tenant } from '../../support/tenants';
import { startTestServer, type TestServer } from '../../support/test-server';
import { receiversAllowed } from '../../support/webhooks';

const aChat = 'The chat shows what was said; it calls nobody.';
const aCall = 'A call is a run, which says who placed it.';
const noChange = 'It changes nothing.';
const sentAgain = 'It sends again what was owed already, and the delivery lists the attempt.';

/** Why a route leaves no entry. */
const unrecorded: Record<string, string> = {
  'POST /public/agent/{uuid}': aCall,
  'POST /public/agent/test/{uuid}': aCall,
  'POST /public/agent/workflow/{workflow_uuid}': aCall,
  'POST /public/agent/test/workflow/{workflow_uuid}': aCall,
  'POST /telephony/initiate-call': aCall,
  'POST /workflow/{workflow_id}/runs/{run_id}/cancel': 'The run says that it was canceled.',
  'PATCH /workflow/{workflow_id}/runs/{run_id}':
    'It changes when a call of its own is placed, and the run shows it.',
  'POST /workflow/{workflow_id}/validate': noChange,
  'POST /organizations/destination-policy/check': noChange,
  'POST /s3/presigned-upload-url': 'A file calls nobody before a campaign is made of it.',
  'PUT /s3/files/{token}': 'A file calls nobody before a campaign is made of it.',
  'POST /tools/{tool_uuid}/test': 'It sends one request, and changes nothing here.',
  'POST /workflow/{workflow_id}/text-chat/sessions': aChat,
  'POST /workflow/{workflow_id}/text-chat/sessions/{run_id}/messages': aChat,
  'POST /workflow/{workflow_id}/text-chat/sessions/{run_id}/rewind': aChat,
  'POST /workflow/{workflow_id}/text-chat/sessions/{run_id}/end': aChat,
  'POST /workflow/{workflow_id}/create-draft': 'The draft is the published version until it is changed.',
  'POST /organizations/telephony-configs/{config_id}/verify': 'It keeps only what the carrier answered.',
  'POST /hooks/{hook_id}/test': noChange,
  'POST /webhook-deliveries/redeliver': sentAgain,
  'POST /webhook-deliveries/{delivery_id}/redeliver': sentAgain,
};

/** Requests that need more than the tenant and the example body; their own tests look for their entries. */
const elsewhere = new Set([
  'POST /auth/signup',
  'POST /auth/login',
  'POST /auth/logout',
  'POST /user/password',
  'POST /console/session',
  'POST /console/session/link',
  'POST /organizations/erase',
  'POST /campaign/create',
  'POST /campaign/{campaign_id}/redial',
  'POST /organizations/telephony-configs/{config_id}/import-agents',
  'POST /organizations/queue/cancel',
]);

const configurations = '/organizations/telephony-configs';
const numbers = `${configurations}/{config_id}/phone-numbers`;

const expected: Record<string, AuditAction> = {
  'POST /workflow/create/definition': 'agent.created',
  'POST /workflow/{workflow_id}/duplicate': 'agent.created',
  'PUT /workflow/{workflow_id}': 'agent.changed',
  'PUT /workflow/{workflow_id}/status': 'agent.restored',
  'POST /workflow/{workflow_id}/publish': 'agent.published',
  'PUT /organizations/destination-policy': 'destination_policy.changed',
  [`POST ${configurations}`]: 'telephony_configuration.created',
  [`PUT ${configurations}/{config_id}`]: 'telephony_configuration.changed',
  [`POST ${configurations}/{config_id}/set-default-outbound`]: 'telephony_configuration.made_default',
  [`POST ${configurations}/{config_id}/reactivate`]: 'telephony_configuration.reactivated',
  [`DELETE ${configurations}/{config_id}`]: 'telephony_configuration.deleted',
  [`POST ${numbers}`]: 'phone_number.created',
  [`PUT ${numbers}/{phone_number_id}`]: 'phone_number.changed',
  [`POST ${numbers}/{phone_number_id}/set-default-caller`]: 'phone_number.made_default',
  [`DELETE ${numbers}/{phone_number_id}`]: 'phone_number.deleted',
  'PUT /organizations/do-not-call/{number}': 'do_not_call.added',
  'POST /organizations/do-not-call/csv': 'do_not_call.imported',
  'DELETE /organizations/do-not-call/{number}': 'do_not_call.removed',
  'POST /workflow/{workflow_id}/runs/{run_id}/outcome': 'do_not_call.added',
  'PATCH /campaign/{campaign_id}': 'campaign.changed',
  'POST /campaign/{campaign_id}/start': 'campaign.started',
  'POST /campaign/{campaign_id}/pause': 'campaign.paused',
  'POST /campaign/{campaign_id}/resume': 'campaign.resumed',
  'PUT /organizations/retention': 'retention.changed',
  'PUT /organizations/model-configurations/v2': 'model_configuration.changed',
  'DELETE /organizations/model-configurations/v2': 'model_configuration.removed',
  'DELETE /workflow/{workflow_id}/runs/{run_id}': 'run.erased',
  'POST /hooks': 'hook.created',
  'DELETE /hooks/{hook_id}': 'hook.deleted',
  'POST /organizations/webhook-secret': 'webhook_secret.rotated',
  'POST /credentials/': 'credential.created',
  'PUT /credentials/{credential_uuid}': 'credential.changed',
  'DELETE /credentials/{credential_uuid}': 'credential.deleted',
  'POST /tools/': 'tool.created',
  'PUT /tools/{tool_uuid}': 'tool.changed',
  'POST /tools/{tool_uuid}/unarchive': 'tool.restored',
  'DELETE /tools/{tool_uuid}': 'tool.archived',
  'POST /user/api-keys': 'api_key.created',
  'DELETE /user/api-keys/{api_key_id}': 'api_key.archived',
  'PUT /user/api-keys/{api_key_id}/reactivate': 'api_key.reactivated',
};

const nameOf = ({ name }: Operation) => name.replace('/api/v1', '');
const changing = operations.filter(({ method }) => method !== 'GET');
const tried = changing
  .filter((operation) => unrecorded[nameOf(operation)] === undefined && !elsewhere.has(nameOf(operation)))
  // Deletions come last, and of those a number comes before its configuration. Only what was deleted is brought back.
  .sort((one, other) => deletionRank(one) - deletionRank(other));
function deletionRank({ method, path }: Operation): number {
  if (path.endsWith('/unarchive')) return 3;
  if (method !== 'DELETE') return 0;
  return path.includes('phone-numbers') ? 1 : 2;
}

let server: TestServer;
let tenant: Tenant;
beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
  tenant = await furnish(server, 'OWNERS');
});
afterAll(() => server.close());

async function newest(): Promise<{ id: number; action: AuditAction } | undefined> {
  const reply = await server.request
    .get('/api/v1/organizations/audit?limit=1')
    .set(byKey(tenant.account.apiKey))
    .expect(200);
  return (reply.body as AuditPage).entries[0];
}

test('every route that changes something leaves an entry, or is listed here with the reason', async () => {
  const recorded: Record<string, string> = {};
  for (const operation of tried) {
    const before = await newest();
    // The policy is changed by people only.
    const { status, text } = await ask(server, operation, bySession(tenant), tenant);
    const after = await newest();
    const isNew = after !== undefined && after.id !== before?.id;
    recorded[nameOf(operation)] = status >= 300 ? text : isNew ? after.action : 'nothing';
  }
  expect(recorded).toEqual(expected);
});

test('the reasons are about routes that there are', () => {
  const known = new Set(changing.map(nameOf));
  expect([...Object.keys(unrecorded), ...elsewhere].filter((name) => !known.has(name))).toEqual([]);
});
