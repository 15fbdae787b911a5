/** An organization with one object of every kind, and requests that refer to them. For tests derived from the OpenAPI document. */
import type { JsonObject } from '@dograh-trigger/shared';
import { createAgent, createSandbox, saveDraft } from './agents';
import { createCampaign } from './campaigns';
import { entryPath } from './do-not-call';
import type { Operation } from './operations';
import { replyText } from './reply-text';
import { addPhoneNumber } from './telephony';
import type { Account, TestServer } from './test-server';
import { completeCall, deliverDue, listDeliveries } from './webhooks';

/** Occurs in every text of an organization, so that the test finds a reply that shows one. */
export type Mark = 'OWNERS' | 'STRANGERS';

/** An organization with one object of every kind, and their ids for parameters and bodies. */
export interface Tenant {
  account: Account;
  archivedKey: string;
  ids: Record<string, string>;
}

export async function furnish(server: TestServer, mark: Mark): Promise<Tenant> {
  const account = await server.signUp();
  const post = async (path: string, body: object) => {
    const reply = await server.request
      .post(`/api/v1${path}`)
      .set('X-API-Key', account.apiKey)
      .send(body)
      .expect(200);
    return reply.body as { id: number | string; uuid: string; api_key: string; tool_uuid: string };
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
  const tool = await post('/tools/', {
    name: mark,
    description: mark,
    definition: {
      type: 'http_api',
      config: { method: 'POST', url: `http://127.0.0.1:9/${mark}`, credential_uuid: credential.uuid },
    },
  });
  const hook = await post('/hooks', {
    target_url: `http://127.0.0.1:9/${mark}`,
    event: 'call.completed',
  });
  const listed = mark === 'OWNERS' ? '+14155550133' : '+14155550144';
  await server.request
    .put(entryPath(listed))
    .set('X-API-Key', account.apiKey)
    .send({ reason: mark, until: '2999-01-01T00:00:00Z' })
    .expect(200);
  const runId = await completeCall(server, account, agent, { initial_context: { mark } });
  await deliverDue(server);
  const [delivery] = await listDeliveries(server, account);
  const campaign = await createCampaign(server, account, agent, ['+14155550155'], { name: mark });
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
      tool_uuid: tool.tool_uuid,
      campaign_id: String(campaign.id),
      source_id: campaign.source_id,
      hook_id: String(hook.id),
      delivery_id: delivery?.id ?? '',
      api_key_id: String(archived.id),
      number: listed,
      // Belongs to nobody: every organization has the same types of node.
      name: 'startCall',
    },
  };
}

export type Credentials = Record<string, string>;
export const byKey = (key: string): Credentials => ({ 'X-API-Key': key });
export const bySession = ({ account }: Tenant): Credentials => ({ Authorization: `Bearer ${account.token}` });

/** @param things the organization whose objects the path, the query and the body refer to. */
export async function ask(
  server: TestServer,
  operation: Operation,
  credentials: Credentials,
  things: Tenant,
  body?: JsonObject,
) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const id = things.ids[name];
    if (id === undefined) throw new Error(`What is {${name}} of ${operation.name}? Add one to the tenants.`);
    return encodeURIComponent(id);
  });
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && parameter.name in things.ids)
    .map(({ name }) => `${name}=${encodeURIComponent(things.ids[name] ?? '')}`);
  const json = body ?? operation.body?.example;
  const sent =
    json === undefined ? operation.file : { contentType: 'application/json', example: JSON.stringify(json) };
  const reply = await fetch(`${server.baseUrl}${path}?${query.join('&')}`, {
    method: operation.method,
    headers: { ...credentials, ...(sent === undefined ? {} : { 'Content-Type': sent.contentType }) },
    ...(sent === undefined ? {} : { body: sent.example }),
  });
  return { status: reply.status, text: await replyText(reply) };
}
