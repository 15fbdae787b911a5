/** A call that talks through a loopback carrier, over HTTP. */
import { readLateResults } from '../../late-results';
import { createAgent, type TestAgent } from '../../agents';
import { startCall } from '../../calls';
import { addCarrier } from '../../telephony';
import type { Account, TestServer } from '../../test-server';
import { startTestServer } from '../../test-server';
import { budgetAgent } from '../../talks';
import type { AgentDefinition, JsonObject, Tool } from '@dograh-trigger/shared';
import type { ReceivedRequest } from '../../local-server';
import type { Vendor, VendorCallback } from '../vendor';
import type { TalkingCarrier } from './carriers';
import type { Heard } from './document';

export const publicBaseUrl = 'https://calls.example.test';

/** Mia of the golden vectors, with a trigger and these tools at her second step. */
export function budgetDefinition(toolUuids: string[] = [], startData: JsonObject = {}): AgentDefinition {
  const trigger = { name: 'API Trigger', enabled: true };
  return {
    nodes: [
      ...budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({
        ...node,
        data: {
          ...data,
          ...(node.id === '1' ? startData : {}),
          ...(node.id === '2' && toolUuids.length > 0 ? { tool_uuids: toolUuids } : {}),
        },
      })),
      { id: 't', type: 'trigger', position: { x: 0, y: 0 }, data: trigger },
    ],
    edges: budgetAgent.edges,
  };
}

/** Whoever can ask the server, such as a test that has started it as a process. */
export interface TalkCaller {
  server: Pick<TestServer, 'request'>;
  account: Pick<Account, 'apiKey'>;
  vendor: Vendor;
  carrier: TalkingCarrier;
}

export interface TalkStage extends TalkCaller {
  server: TestServer;
  account: Account;
}

/** The variables of a server that calls through this vendor. */
export function talkingEnvironment({
  vendor,
  carrier,
}: Pick<TalkCaller, 'vendor'> & { carrier: Pick<TalkingCarrier, 'addressVariable'> }) {
  return { PUBLIC_BASE_URL: publicBaseUrl, [carrier.addressVariable]: vendor.origin };
}

export async function startStage(
  carrier: TalkingCarrier,
  environment: Record<string, string> = {},
): Promise<TalkStage> {
  const vendor = await carrier.startVendor();
  const server = await startTestServer({
    ...talkingEnvironment({ vendor, carrier }),
    ...environment,
  });
  const stage = { server, account: await server.signUp(), vendor, carrier };
  await addTalkingCarrier(stage);
  return stage;
}

/** The carrier as the account's default telephony. */
export async function addTalkingCarrier({
  server,
  account,
  carrier,
}: Pick<TalkCaller, 'server' | 'account'> & {
  carrier: Pick<TalkingCarrier, 'name' | 'configuration'>;
}): Promise<void> {
  const config = { provider: carrier.name, ...carrier.configuration };
  await addCarrier(server, account, config, {
    name: 'Carrier',
    is_default_outbound: true,
    number: '+14155550123',
  });
}

export async function closeStage({ server, vendor }: Pick<TalkStage, 'server' | 'vendor'>): Promise<void> {
  await server.close();
  await vendor.close();
}

/** An agent with the answer `converse`. */
export function talkingAgent(
  { server, account }: Pick<TalkCaller, 'server' | 'account'>,
  definition = budgetDefinition(),
  configurations: object = {},
): Promise<TestAgent> {
  return createAgent(server, account, definition, { answer: 'converse', ...configurations });
}

/** Places a call, which is answered when its first document is asked for. */
export async function place(
  { server, account, vendor }: Pick<TalkCaller, 'server' | 'account' | 'vendor'>,
  agent: TestAgent,
): Promise<{ runId: number; dial: ReceivedRequest }> {
  const initial_context = { user: { name: 'Ada' } };
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100', initial_context });
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('The vendor was not dialled');
  return { runId, dial };
}

/** The unsent request. */
export function send({ server }: Pick<TalkCaller, 'server'>, { method, url, headers, body }: VendorCallback) {
  const path = url.slice(publicBaseUrl.length);
  const request = method === 'GET' ? server.request.get(path) : server.request.post(path);
  return (body === undefined ? request.set(headers) : request.set(headers).send(body)).buffer(true);
}

/** The body of a document. */
export async function bodyOf(stage: Pick<TalkCaller, 'server'>, callback: VendorCallback): Promise<string> {
  const reply = await send(stage, callback);
  if (reply.status !== 200) throw new Error(`The server answered ${String(reply.status)}: ${reply.text}`);
  return reply.text;
}

/** What the callee hears on picking up. */
export async function open(stage: TalkCaller, dial: ReceivedRequest): Promise<Heard> {
  const { carrier, vendor } = stage;
  if (carrier.firstDocument !== undefined) {
    const { goOn } = carrier.read(carrier.firstDocument(dial));
    return carrier.read(await bodyOf(stage, carrier.goOn(goOn ?? '')));
  }
  const request = vendor.answerRequest(dial);
  if (request === null) throw new Error('The vendor asks for no document');
  return carrier.read(await bodyOf(stage, request));
}

/** The next document, after these words were heard; null: silence. */
export async function answer(
  stage: Pick<TalkCaller, 'server' | 'carrier'>,
  { listen }: Heard,
  text: string | null,
  confidence?: number,
): Promise<Heard> {
  if (listen === null) throw new Error('The carrier does not listen');
  return stage.carrier.read(await bodyOf(stage, stage.carrier.heard(listen, text, confidence)));
}

/** The carrier reports that the call is over. */
export async function reportEnd(
  stage: Pick<TalkCaller, 'server' | 'vendor'>,
  dial: ReceivedRequest,
): Promise<void> {
  const callback = stage.vendor.callback(dial, 'completed');
  if (callback === null) throw new Error('The vendor reports no end');
  await send(stage, callback).expect(200);
}

/** The carrier reports that the call is over, and the conversation is concluded. */
export async function hangUp(stage: Omit<TalkStage, 'carrier'>, dial: ReceivedRequest): Promise<void> {
  await reportEnd(stage, dial);
  await readLateResults(stage.server.services);
}

/** Adds a tool to the organization. @returns its UUID. */
export async function addTool(
  { server, account }: Pick<TalkCaller, 'server' | 'account'>,
  name: string,
  definition: object,
): Promise<string> {
  const reply = await server.request
    .post('/api/v1/tools/')
    .set('X-API-Key', account.apiKey)
    .send({ name, definition })
    .expect(200);
  return (reply.body as Tool).tool_uuid;
}
