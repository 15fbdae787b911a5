/** Receivers of events, and functions that send due deliveries. */
import type { WebhookDelivery, WebhookDeliveryDetails, WebhookDeliveryPage } from '@dograh-trigger/shared';
import { Dispatcher } from '../../trigger-server/src/events/deliveries/dispatcher';
import type { TestAgent } from './agents';
import { startCall } from './calls';
import { startLocalServer, type LocalServer, type ReceivedRequest } from './local-server';
import type { Account, TestServer } from './test-server';

/** Allows the server to send to receivers on this machine. */
export const receiversAllowed = { ALLOWED_PRIVATE_TARGETS: '127.0.0.1' };

export interface Receiver extends LocalServer {
  /** Sets the answer for the following requests; `null`: no answer. */
  status: number | null;
  headers: Record<string, string>;
  /** Resolves with the next request. */
  next(): Promise<ReceivedRequest>;
}

/** A real HTTP server that receives events. */
export async function startReceiver(listenOn?: { host: string; port: number }): Promise<Receiver> {
  const waiting: ((request: ReceivedRequest) => void)[] = [];
  const answer = {
    status: 200 as number | null,
    headers: {} as Record<string, string>,
    next: () => new Promise<ReceivedRequest>((resolve) => waiting.push(resolve)),
  };
  const server = await startLocalServer(
    (request, response) => {
      if (answer.status !== null) response.writeHead(answer.status, answer.headers).end('thank you');
      for (const resolve of waiting.splice(0)) resolve(request);
    },
    undefined,
    listenOn,
  );
  return Object.assign(answer, server);
}

/** Runs a sandbox call to its end and returns the id of the run. */
export async function completeCall(
  server: TestServer,
  account: Account,
  agent: TestAgent,
  extras: { callback_url?: string; initial_context?: object } = {},
): Promise<number> {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100', ...extras });
  await server.advance(5000);
  return runId;
}

/** Sends all deliveries that are due by the server's clock, and waits for their results. */
export async function deliverDue({ services }: TestServer): Promise<void> {
  const dispatcher = new Dispatcher(services);
  dispatcher.dispatch();
  await dispatcher.idle();
}

export async function listDeliveries(
  server: TestServer,
  account: Account,
  query = '',
): Promise<WebhookDelivery[]> {
  const reply = await server.request
    .get(`/api/v1/webhook-deliveries${query}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (reply.body as WebhookDeliveryPage).deliveries;
}

export async function redeliver(server: TestServer, account: Account, id: string): Promise<WebhookDelivery> {
  const reply = await server.request
    .post(`/api/v1/webhook-deliveries/${id}/redeliver`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
  return reply.body as WebhookDelivery;
}

export async function readDelivery(
  server: TestServer,
  account: Account,
  id: string,
): Promise<WebhookDeliveryDetails> {
  const reply = await server.request
    .get(`/api/v1/webhook-deliveries/${id}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return reply.body as WebhookDeliveryDetails;
}
