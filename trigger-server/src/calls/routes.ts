/**
 * The four public trigger routes: by trigger path or by agent UUID, for the published agent or the latest draft.
 * Beside them Dograh's test call, which places the same call, and the end of a call.
 */
import {
  routingHeaders,
  scheduleFields,
  cancelReply,
  testCallReply,
  testCallRequest,
  triggerReply,
  triggerRequest,
  type TriggerReply,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { ignoredFieldsHeader } from '../http/body/ignored-fields';
import { idParameter } from '../http/parameters';
import { route, type Identity, type Route, type RouteInput } from '../http/route';
import { Problem, stopping } from '../problem';
import type { Metrics } from '../metrics';
import type { Services } from '../services';
import { DamagedDatabase, DatabaseRefusal } from '../storage/port';
import type { CarrierServices } from '../telephony/tools';
import { readCallbackUrl } from '../events/subscriptions/callback-url';
import { atOnce, noLabels, readSchedule } from './waiting/schedule';
import { readIdempotencyKey, runLocation, type KeyHeaders } from './idempotency';
import type { ChatServices } from '../conversations/chat/turn';
import { cancelCall } from './cancel-call';
import { readSpeech } from './carrier/speech';
import { readVoicemail } from './carrier/voicemail';
import { judgeInitialContext } from './request/initial-context';
import { sourceOf, type CallOrder } from './order';
import { placeCall, type CallReceipt } from './place-call';
import { refusedCallFields } from './request/refused-fields';
import { inTestCallWords, readTestCall } from './test-call';

type Needs = CarrierServices &
  ChatServices &
  Pick<
    Services,
    | 'chance'
    | 'connections'
    | 'deliveryAlarm'
    | 'followUpAlarm'
    | 'followingAlarm'
    | 'lifecycle'
    | 'metrics'
    | 'ownDials'
    | 'queueAlarm'
    | 'thisProcess'
  >;

const placesCall = {
  method: 'post',
  scope: 'trigger',
  tag: 'Trigger',
  auth: 'trigger',
  body: triggerRequest,
  refusedFields: refusedCallFields,
  judgeBody: judgeInitialContext,
  reply: triggerReply,
  otherSuccess: {
    202: 'The call waits: `status` is `queued`, and the run says what for and until when. Also the replayed reply of its key.',
  },
  requestHeaders: {
    'Idempotency-Key':
      'Up to 255 characters, kept for 24 hours: a repeat of the same request with the same key gets the first reply and never dials again. Only where /health lists idempotency-key.',
    'Idempotency-Key-Lifetime':
      'For how many seconds the key is kept instead: 3600 to 2592000 (30 days). What the first request says holds. Only where /health lists key-lifetime.',
    traceparent:
      'W3C Trace Context: the trace that the call belongs to. Log lines of the request and of its events have its id as traceId, and the events of the call continue it. An invalid one is ignored.',
    tracestate: 'W3C Trace Context: passed on unchanged with the events of the call, up to 512 characters.',
  },
  replyHeaders: {
    Location: 'Where to read the run. On every reply for which a run exists.',
    'Call-Mode': 'The telephony provider of the call: `sandbox` rings nobody.',
    'Call-Fallback':
      '`{name}; {reason}`, both percent-encoded: the default telephony configuration that was not ready, and why. Only where another one placed the call.',
    'Idempotency-Replayed': '`true` when this is the reply to an earlier request with the same key.',
  },
  refusals: {
    400: 'Telephony is not configured, the agent has nothing to say, or the call failed to start. With Retry-After nobody was called, and the same request may succeed then.',
    404: 'The trigger, the agent or the telephony configuration was not found or is not active.',
    409: 'The agent has no execution owner, or a call with this idempotency key is still being placed.',
    422: 'The request is not valid, it asks for something that this server does not do, such as calling later (code unknown_field), the greeting is too long (code greeting_too_long), the destination policy refuses the number (type destination_refused), or the idempotency key belongs to another request.',
    429: 'The organization has as many calls under way as it may have, or the key has placed its calls of the day; Retry-After says when to come again. Nothing was dialled.',
    501: 'The carrier cannot answer the call the way the agent wants, does not speak its language (code language_not_supported, with those that it speaks), has no such voice (code voice_not_supported), or cannot do what voicemail says (code voicemail_not_supported). Nothing was dialled.',
    503: 'The server is stopping, or cannot read its stored carrier credentials. Nothing was dialled.',
    504: 'The carrier did not answer in time; the call may have been placed.',
  },
} as const;

export function triggerRoutes(services: Needs): Route[] {
  const { extensions } = services.config;
  const base = {
    ...placesCall,
    idleFields: [
      ...(extensions.has('callback-url') ? [] : ['callback_url']),
      ...(extensions.has('voice') ? [] : ['language', 'voice']),
      ...(extensions.has('voicemail') ? [] : ['voicemail']),
      ...(extensions.has('scheduling') ? [] : Object.keys(scheduleFields.shape)),
    ],
  };
  const byPath = (path: string, mode: CallOrder['mode'], summary: string) =>
    route({
      ...base,
      // An agent UUID of another organization is 404, as in Dograh.
      refusals: {
        ...base.refusals,
        403: 'The trigger is of another organization than the key, or the key is limited to other agents (code agent_not_allowed).',
      },
      path,
      summary,
      params: z.object({ uuid: z.string() }),
      handle: (input, identity) =>
        trigger(services, identity, { triggerUuid: input.params.uuid }, mode, path, input),
    });
  const byAgent = (path: string, mode: CallOrder['mode'], summary: string) =>
    route({
      ...base,
      refusals: { ...base.refusals, 403: 'The key is limited to other agents (code agent_not_allowed).' },
      path,
      summary,
      params: z.object({ workflow_uuid: z.string() }),
      handle: (input, identity) =>
        trigger(services, identity, { agentUuid: input.params.workflow_uuid }, mode, path, input),
    });
  return [
    cancelRoute(services),
    testCallRoute(services),
    byPath('/public/agent/{uuid}', 'production', 'Call with the published agent'),
    byPath(
      '/public/agent/test/{uuid}',
      'test',
      'Call with the latest draft, or the published agent if there is none',
    ),
    byAgent(
      '/public/agent/workflow/{workflow_uuid}',
      'production',
      'Call with the published agent, by agent UUID',
    ),
    byAgent(
      '/public/agent/test/workflow/{workflow_uuid}',
      'test',
      'Call with the latest draft, by agent UUID',
    ),
  ];
}

function testCallRoute(services: Needs): Route {
  const path = '/telephony/initiate-call';
  // Its body holds no initial_context that could be judged.
  // It never waits.
  const { judgeBody: _ofTriggers, otherSuccess: _ofTriggersToo, ...base } = placesCall;
  return route({
    ...base,
    path,
    scope: 'admin',
    summary: 'Call with the latest draft, by the agent’s id (Dograh’s test call)',
    description:
      'The published agent if there is no draft; an archived agent, too. The values of template_context_variables are its context.',
    auth: 'member',
    body: testCallRequest,
    reply: testCallReply,
    refusals: {
      ...base.refusals,
      400: 'There is no number to call, telephony is not configured, the configuration, the caller ID or the run was not found, or the carrier refused the call.',
      404: 'There is no such agent in this organization.',
      409: 'The agent has no execution owner, the run has had its call, or a call with this idempotency key is still being placed.',
    },
    handle: async (input, identity) => {
      const { workflow_id: agentId, ...call } = input.body;
      const request = {
        phone_number: await readTestCall(services, identity.organizationId, input.body),
        telephony_configuration_id: call.telephony_configuration_id,
        from_phone_number_id: call.from_phone_number_id,
      };
      const order: CallOrder = {
        identity,
        source: sourceOf(identity, input.header('user-agent')),
        target: { agentId },
        mode: 'test',
        request,
        ignoredFields: input.ignoredFields,
        trace: input.trace,
        speech: { language: null, voice: null },
        voicemail: null,
        callbackUrl: null,
        schedule: atOnce,
        labels: noLabels,
        idempotent: readIdempotencyKey(services, keyHeaders(input), `${path} ${String(agentId)}`, request),
      };
      const reply = await inTestCallWords(place(services, order, input));
      return { message: `Call initiated successfully with run name ${reply.workflow_run_name}` };
    },
  });
}

function cancelRoute(services: Needs): Route {
  return route({
    method: 'post',
    scope: 'trigger',
    path: '/workflow/{workflow_id}/runs/{run_id}/cancel',
    tag: 'Runs',
    summary: 'End a call that is queued, ringing or answered',
    description:
      'The run ends when the carrier reports it: `canceled`, or `completed` with the disposition `canceled` when the call was answered. A queued call and a text chat end at once, and the reply says `canceled`. Only where /health lists cancel.',
    auth: 'member',
    successStatus: 202,
    params: z.object({ workflow_id: idParameter, run_id: idParameter }),
    notFound: 'Workflow run not found',
    reply: cancelReply,
    refusals: {
      400: 'The carrier refused, in its words.',
      404: 'There is no such run in this organization.',
      409: 'The call has ended, or the carrier has not yet said which call it is. Or a turn of the text chat is under way.',
      501: 'The carrier of this call cannot end it.',
      504: 'The carrier did not answer in time.',
    },
    handle: ({ params, log }, identity) => {
      if (!services.config.extensions.has('cancel')) throw new Problem('not_found', 'Not Found');
      return cancelCall({ ...services, log }, identity, params.run_id);
    },
  });
}

async function trigger(
  services: Needs,
  identity: Identity,
  target: { triggerUuid: string } | { agentUuid: string },
  mode: CallOrder['mode'],
  path: string,
  input: RouteInput<unknown, unknown, z.output<typeof triggerRequest>>,
): Promise<TriggerReply> {
  const identifier = 'triggerUuid' in target ? target.triggerUuid : target.agentUuid;
  const order: CallOrder = {
    identity,
    source: sourceOf(identity, input.header('user-agent')),
    target,
    mode,
    request: input.body,
    ignoredFields: input.ignoredFields,
    trace: input.trace,
    speech: readSpeech(services, input.body),
    voicemail: readVoicemail(services, input.body),
    callbackUrl: readCallbackUrl(services, input.body.callback_url),
    ...readSchedule(services, input.body),
    idempotent: readIdempotencyKey(services, keyHeaders(input), `${path} ${identifier}`, input.body),
  };
  return place(services, order, input);
}

function keyHeaders({ header }: Pick<RouteInput<unknown, unknown, unknown>, 'header'>): KeyHeaders {
  return { key: header('idempotency-key'), lifetime: header('idempotency-key-lifetime') };
}

/** Places the call, and says of its run what every route that dials says. */
async function place(
  services: Needs,
  order: CallOrder,
  input: Pick<RouteInput<unknown, unknown, unknown>, 'noteRun' | 'setHeader' | 'setStatus' | 'log'>,
): Promise<TriggerReply> {
  const receipt = await countTrigger(services.metrics, async () => {
    assertAccepting(services);
    return placeCall({ ...services, log: input.log }, order);
  });
  input.noteRun(receipt.runId);
  if (services.config.extensions.size > 0) {
    input.setHeader('Location', runLocation(receipt.agentId, receipt.runId));
    for (const [name, value] of Object.entries(routingHeaders(receipt))) input.setHeader(name, value);
  }
  if (receipt.replayed) input.setHeader('Idempotency-Replayed', 'true');
  const ignored = receipt.isCallbackUrlIgnored
    ? ignoredFieldsHeader(['callback_url', ...order.ignoredFields])
    : null;
  if (ignored !== null) input.setHeader('Ignored-Fields', ignored);
  if (receipt.isQueued) input.setStatus(202);
  return replyFor(receipt);
}

/** Places the call and counts the request by what came of it. An error is counted by its code, and passed on. */
async function countTrigger(
  { triggers }: Pick<Metrics, 'triggers'>,
  place: () => Promise<CallReceipt>,
): Promise<CallReceipt> {
  try {
    const receipt = await place();
    triggers.inc({ outcome: outcomeOf(receipt), reason: receipt.temporary?.code ?? '' });
    return receipt;
  } catch (error) {
    triggers.inc({ outcome: 'rejected', reason: reasonOf(error) });
    throw error;
  }
}

function outcomeOf({ replayed, isQueued, outcome }: CallReceipt): string {
  if (isQueued) return replayed ? 'replayed' : 'queued';
  if (outcome === null) return 'in_progress';
  return replayed ? 'replayed' : outcome;
}

function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  const isDatabase = error instanceof DatabaseRefusal || error instanceof DamagedDatabase;
  return isDatabase ? 'database_unavailable' : 'internal_error';
}

/** @throws Problem while the server stops; DamagedDatabase. */
function assertAccepting({ lifecycle }: Pick<Services, 'lifecycle'>): void {
  if (lifecycle.draining) throw stopping('no call was placed');
  if (lifecycle.damage !== null) throw lifecycle.damage;
}

/** The same words for the first reply and for its replays. */
function replyFor({ runId, runName, isQueued, outcome, refusal, temporary }: CallReceipt): TriggerReply {
  if (isQueued) return { status: 'queued', workflow_run_id: runId, workflow_run_name: runName };
  switch (outcome) {
    case 'placed':
      return { status: 'initiated', workflow_run_id: runId, workflow_run_name: runName };
    case 'refused':
      throw new Problem(
        'bad_request',
        `Failed to initiate call: ${refusal ?? 'the carrier gave no reason'}`,
        {
          code: 'call_refused',
        },
      );
    case 'unknown':
      throw new Problem(
        'outcome_unknown',
        'The carrier did not answer in time; the call may have been placed',
      );
    case 'not_sent':
      throw new Problem(
        'bad_request',
        `Failed to initiate call: ${refusal ?? 'nobody was called'}`,
        temporary ?? { code: 'carrier_unreachable' },
      );
    case null:
      throw new Problem('conflict', 'A call with this idempotency key is still being placed', {
        code: 'call_in_progress',
      });
  }
}
