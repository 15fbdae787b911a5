/** The routes of outgoing events: signing secret, subscriptions and deliveries. */
import {
  confirmation,
  createHookRequest,
  createdHook,
  deliveryStatuses,
  hook,
  hookTest,
  redeliverManyReply,
  redeliverManyRequest,
  webhookDelivery,
  webhookDeliveryDetails,
  webhookDeliveryPage,
  webhookSecret,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery, uuidParameter } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { listOwnDeliveries, readDelivery, redeliver } from './deliveries/deliveries';
import { redeliverMany } from './deliveries/redeliver-many';
import { readSecretFor, rotateSecret } from './signing';
import { listOwnHooks, subscribe, unsubscribe } from './subscriptions/subscriptions';
import { testHook } from './subscriptions/test-event';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'carrier' | 'log'>;

const auth = 'member';

/** Only the routes of extensions that are on. The others do not exist, as on plain Dograh. */
export function webhookRoutes(services: Needs): Route[] {
  const { extensions } = services.config;
  return [
    ...(extensions.has('hooks') ? hookRoutes(services) : []),
    ...(extensions.has('hooks') || extensions.has('callback-url') ? secretRoutes(services) : []),
    ...(extensions.size > 0 ? deliveryRoutes(services) : []),
  ];
}

function hookRoutes(services: Needs): Route[] {
  const common = { tag: 'Webhooks', auth } as const;
  const one = {
    ...common,
    params: z.object({ hook_id: idParameter }),
    notFound: 'Hook not found',
    refusals: { 404: 'There is no such subscription in this organization.' },
  } as const;
  return [
    route({
      ...common,
      method: 'post',
      scope: 'trigger',
      path: '/hooks',
      summary: 'Be told of every call that ends',
      description:
        'Sends `{type, timestamp, data}` for each call, where `data` is the run as `GET /workflow/{workflow_id}/runs/{run_id}` returns it. `call.completed`: the call has ended; it is sent when its files are there, 60 s later at the latest. `call.artifacts_ready`: its files are there, however long they took, or were given up (`recording_url` is null then, and an `rtf-recording-error` in the logs says why); it comes once for each call, at once where there are none. Who asks for both with one subscription gets them in this order. An event is signed after Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) and tried again for about a day until a 2xx comes; 410 unsubscribes. The same subscription again is the one there is; another list of types is another one. A key with the scope `trigger` subscribes to the calls that it placed, sees only its own subscriptions, and gets a secret of its own. Only where /health lists hooks.',
      body: createHookRequest,
      reply: createdHook,
      refusals: {
        404: 'There is no such agent in this organization.',
        409: 'The organization has as many subscriptions as it may have.',
        422: 'The request is not valid, or the address leads into a private network (code private_target).',
        503: 'The stored secret cannot be read.',
      },
      handle: ({ body }, identity) => subscribe(services, identity, body),
    }),
    route({
      ...common,
      method: 'get',
      scope: 'any',
      path: '/hooks',
      summary: 'The subscriptions, oldest first',
      reply: z.array(hook),
      handle: (_input, identity) => listOwnHooks(services, identity),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'trigger',
      path: '/hooks/{hook_id}/test',
      summary: 'Send a test event to a subscription, and say what came of it',
      description:
        'One attempt, of 15 s at most, signed like every event, and about an example: it has `test: true`, and `data` is a run with the id 0. `call.completed`, unless the subscription asks for `call.artifacts_ready` alone. The reply is 200 whatever the receiver did: `error` is null where it took the event. It is not tried again, is no delivery, and unsubscribes nobody.',
      reply: hookTest,
      refusals: {
        ...one.refusals,
        429: 'The organization has sent a test event less than 5 seconds ago. With Retry-After.',
      },
      handle: ({ params, log }, identity) => testHook({ ...services, log }, identity, params.hook_id),
    }),
    route({
      ...one,
      method: 'delete',
      scope: 'trigger',
      path: '/hooks/{hook_id}',
      summary: 'End a subscription; what is still owed to it is not sent',
      reply: confirmation,
      handle: async ({ params }, identity) => {
        await unsubscribe(services, identity, params.hook_id);
        return { success: true as const, message: 'Hook deleted' };
      },
    }),
  ];
}

function secretRoutes(services: Pick<Services, 'storage' | 'clock' | 'secrets'>): Route[] {
  const common = {
    tag: 'Webhooks',
    auth,
    path: '/organizations/webhook-secret',
    reply: webhookSecret,
  } as const;
  return [
    route({
      ...common,
      method: 'get',
      scope: 'trigger',
      summary: 'What the organization’s events are signed with',
      description:
        'A key with the scope `trigger` gets the secret that signs the events of its own subscriptions.',
      refusals: { 503: 'The stored secret cannot be read.' },
      handle: (_input, identity) => readSecretFor(services, identity),
    }),
    route({
      ...common,
      method: 'post',
      scope: 'admin',
      summary: 'Rotate the signing secret',
      description:
        'The secret before signs along for 24 hours, so that receivers have time to take over the new one: until then every event carries a signature of each. Rotated again in that time, an event carries a signature of each secret whose 24 hours are not over, of the four newest at most. So a fourth rotation within 24 hours ends the oldest secret at once.',
      handle: (_input, identity) => rotateSecret(services, identity),
    }),
  ];
}

function deliveryRoutes(services: Pick<Services, 'storage' | 'clock'>): Route[] {
  const common = { tag: 'Webhooks', auth } as const;
  const one = {
    ...common,
    params: z.object({ delivery_id: uuidParameter }),
    notFound: 'Webhook delivery not found',
    refusals: { 404: 'There is no such delivery in this organization.' },
  } as const;
  return [
    route({
      ...common,
      method: 'get',
      scope: 'read',
      path: '/webhook-deliveries',
      summary: 'What was sent or is still owed to receivers, newest first',
      query: z.object({
        page: integerQuery(1, 1_000_000, 1),
        limit: integerQuery(1, 100, 50),
        run_id: idParameter.optional().meta({ description: 'Only the deliveries of this call.' }),
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
      ...common,
      method: 'post',
      scope: 'admin',
      path: '/webhook-deliveries/redeliver',
      summary: 'Send all deliveries again that failed since a time',
      description:
        'Each with the same id and body, and with all its retries. `dry_run: true` only says how many they are.',
      body: redeliverManyRequest,
      reply: redeliverManyReply,
      refusals: { 404: 'There is no such subscription in this organization.' },
      handle: ({ body }, { organizationId }) =>
        redeliverMany(
          services,
          {
            organizationId,
            status: body.status,
            since: new Date(body.since).toISOString(),
            hookId: body.hook_id ?? null,
          },
          body.dry_run,
        ),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      path: '/webhook-deliveries/{delivery_id}',
      summary: 'One delivery with its body and every attempt',
      reply: webhookDeliveryDetails,
      handle: ({ params }, { organizationId }) => readDelivery(services, organizationId, params.delivery_id),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/webhook-deliveries/{delivery_id}/redeliver',
      summary: 'Send a delivery again: the same id and body, at once, with all its retries',
      description:
        'One that an attempt is under way for is sent again when that attempt has ended. One that still waits for the recording of the call goes on waiting for it: `next_attempt_at` says until when. A `call.artifacts_ready` that waits for the `call.completed` before it goes on waiting, too.',
      successStatus: 202,
      reply: webhookDelivery,
      handle: ({ params }, { organizationId }) => redeliver(services, organizationId, params.delivery_id),
    }),
  ];
}
