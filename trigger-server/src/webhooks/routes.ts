/** Events out: the signing secret, subscriptions, and what became of each event. */
import {
  confirmation,
  createHookRequest,
  createdHook,
  deliveryStatuses,
  hook,
  webhookDelivery,
  webhookDeliveryDetails,
  webhookDeliveryPage,
  webhookSecret,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery, uuidParameter } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { listOwnDeliveries, readDelivery, redeliver } from './deliveries';
import { readSecret, rotateSecret } from './signing';
import { listOwnHooks, subscribe, unsubscribe } from './subscriptions';

const auth = 'member';

/** Only those of extensions that are on: the others do not exist, as on plain Dograh. */
export function webhookRoutes(services: Services): Route[] {
  const { extensions } = services.config;
  return [
    ...(extensions.has('hooks') ? hookRoutes(services) : []),
    ...(extensions.has('hooks') || extensions.has('callback-url') ? secretRoutes(services) : []),
    ...(extensions.size > 0 ? deliveryRoutes(services) : []),
  ];
}

function hookRoutes(services: Services): Route[] {
  const facts = { tag: 'Webhooks', auth } as const;
  return [
    route({
      ...facts,
      method: 'post',
      path: '/hooks',
      summary: 'Be told of every call that ends',
      description:
        'Sends a `call.completed` event for each ended call: `{type, timestamp, data}`, where `data` is the run as `GET /workflow/{workflow_id}/runs/{run_id}` returns it. It is signed after Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) and tried again for about a day until a 2xx comes; 410 unsubscribes. The same subscription again is the one there is. Only where /health lists hooks.',
      body: createHookRequest,
      reply: createdHook,
      refusals: {
        404: 'There is no such agent in this organization.',
        409: 'The organization has as many subscriptions as it may have.',
        503: 'The stored secret cannot be read.',
      },
      handle: ({ body }, { organizationId }) => subscribe(services, organizationId, body),
    }),
    route({
      ...facts,
      method: 'get',
      path: '/hooks',
      summary: 'The subscriptions, oldest first',
      reply: z.array(hook),
      handle: (_input, { organizationId }) => listOwnHooks(services, organizationId),
    }),
    route({
      ...facts,
      method: 'delete',
      path: '/hooks/{hook_id}',
      summary: 'End a subscription; what is still owed to it is not sent',
      params: z.object({ hook_id: idParameter }),
      notFound: 'Hook not found',
      reply: confirmation,
      refusals: { 404: 'There is no such subscription in this organization.' },
      handle: async ({ params }, { organizationId }) => {
        await unsubscribe(services, organizationId, params.hook_id);
        return { success: true as const, message: 'Hook deleted' };
      },
    }),
  ];
}

function secretRoutes(services: Services): Route[] {
  const facts = {
    tag: 'Webhooks',
    auth,
    path: '/organizations/webhook-secret',
    reply: webhookSecret,
  } as const;
  return [
    route({
      ...facts,
      method: 'get',
      summary: 'What the organization’s events are signed with',
      refusals: { 503: 'The stored secret cannot be read.' },
      handle: (_input, { organizationId }) => readSecret(services, organizationId),
    }),
    route({
      ...facts,
      method: 'post',
      summary: 'Rotate the signing secret',
      description:
        'The secret before signs along for 24 hours, so that receivers have time to take over the new one: until then every event carries a signature of each. Rotated again in that time, an event carries a signature of each secret whose 24 hours are not over, of the four newest at most. So a fourth rotation within 24 hours ends the oldest secret at once.',
      handle: (_input, { organizationId }) => rotateSecret(services, organizationId),
    }),
  ];
}

function deliveryRoutes(services: Services): Route[] {
  const facts = { tag: 'Webhooks', auth } as const;
  const one = {
    ...facts,
    params: z.object({ delivery_id: uuidParameter }),
    notFound: 'Webhook delivery not found',
    refusals: { 404: 'There is no such delivery in this organization.' },
  } as const;
  return [
    route({
      ...facts,
      method: 'get',
      path: '/webhook-deliveries',
      summary: 'What was sent or is still owed to receivers, newest first',
      query: z.object({
        page: integerQuery(1, 1_000_000, 1),
        limit: integerQuery(1, 100, 50),
        run_id: idParameter.optional(),
        status: z.enum(deliveryStatuses).optional(),
      }),
      reply: webhookDeliveryPage,
      handle: ({ query }, { organizationId }) =>
        listOwnDeliveries(services, organizationId, {
          page: query.page,
          limit: query.limit,
          runId: query.run_id ?? null,
          status: query.status ?? null,
        }),
    }),
    route({
      ...one,
      method: 'get',
      path: '/webhook-deliveries/{delivery_id}',
      summary: 'One delivery with its body and every attempt',
      reply: webhookDeliveryDetails,
      handle: ({ params }, { organizationId }) => readDelivery(services, organizationId, params.delivery_id),
    }),
    route({
      ...one,
      method: 'post',
      path: '/webhook-deliveries/{delivery_id}/redeliver',
      summary: 'Send a delivery again: the same id and body, at once, with all its retries',
      description:
        'One that an attempt is under way for is sent again when that attempt has ended. One that still waits for the recording of the call goes on waiting for it: `next_attempt_at` says until when.',
      successStatus: 202,
      reply: webhookDelivery,
      handle: ({ params }, { organizationId }) => redeliver(services, organizationId, params.delivery_id),
    }),
  ];
}
