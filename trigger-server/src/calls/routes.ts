/** The four public trigger routes: by trigger path or by agent UUID, for the published agent or the latest draft. */
import { cancelReply, triggerReply, triggerRequest, type TriggerReply } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter } from '../http/parameters';
import { route, type Identity, type Route, type RouteInput } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { readCallbackUrl } from '../webhooks/callback-url';
import { readIdempotencyKey } from './idempotency';
import { cancelCall } from './cancel-call';
import { placeCall, type CallOrder, type CallReceipt } from './place-call';

const facts = {
  method: 'post',
  tag: 'Trigger',
  auth: 'trigger',
  body: triggerRequest,
  reply: triggerReply,
  requestHeaders: {
    'Idempotency-Key':
      'Up to 255 characters, kept for 24 hours: a repeat of the same request with the same key gets the first reply and never dials again. Only where /health lists idempotency-key.',
  },
  replyHeaders: {
    Location: 'Where to read the run. On every reply for which a run exists.',
    'Idempotency-Replayed': '`true` when this is the reply to an earlier request with the same key.',
  },
  refusals: {
    400: 'Telephony is not configured, or the carrier refused the call.',
    403: 'The key has no access to this agent.',
    404: 'The trigger, the agent or the telephony configuration was not found or is not active.',
    409: 'The agent has no execution owner, or a call with this idempotency key is still being placed.',
    422: 'The request is not valid, the destination policy refuses the number (type destination_refused), or the idempotency key belongs to another request.',
    429: 'The organization has as many calls under way as it may have, or the key has placed its calls of the day; Retry-After says when to come again. Nothing was dialled.',
    501: 'The carrier cannot answer the call the way the agent wants.',
    503: 'The server is stopping, or cannot read its stored carrier credentials. Nothing was dialled.',
    504: 'The carrier did not answer in time; the call may have been placed.',
  },
} as const;

export function triggerRoutes(services: Services): Route[] {
  const byPath = (path: string, mode: CallOrder['mode'], summary: string) =>
    route({
      ...facts,
      path,
      summary,
      params: z.object({ uuid: z.string() }),
      handle: (input, identity) =>
        trigger(services, identity, { triggerUuid: input.params.uuid }, mode, path, input),
    });
  const byAgent = (path: string, mode: CallOrder['mode'], summary: string) =>
    route({
      ...facts,
      path,
      summary,
      params: z.object({ workflow_uuid: z.string() }),
      handle: (input, identity) =>
        trigger(services, identity, { agentUuid: input.params.workflow_uuid }, mode, path, input),
    });
  return [
    cancelRoute(services),
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

function cancelRoute(services: Services): Route {
  return route({
    method: 'post',
    path: '/workflow/{workflow_id}/runs/{run_id}/cancel',
    tag: 'Runs',
    summary: 'End a call that is queued, ringing or answered',
    description:
      'The run ends when the carrier reports it: `canceled`, or `completed` with the disposition `canceled` when the call was answered. Only where /health lists cancel.',
    auth: 'member',
    successStatus: 202,
    params: z.object({ workflow_id: idParameter, run_id: idParameter }),
    notFound: 'Workflow run not found',
    reply: cancelReply,
    refusals: {
      400: 'The carrier refused, in its words.',
      404: 'There is no such run in this organization.',
      409: 'The call has ended, or the carrier has not yet said which call it is.',
      501: 'The carrier of this call cannot end it.',
      504: 'The carrier did not answer in time.',
    },
    handle: ({ params }, identity) => {
      if (!services.config.extensions.has('cancel')) throw new Problem('not_found', 'Not Found');
      return cancelCall(services, identity.organizationId, params.run_id);
    },
  });
}

async function trigger(
  services: Services,
  identity: Identity,
  target: CallOrder['target'],
  mode: CallOrder['mode'],
  path: string,
  input: RouteInput<unknown, unknown, z.output<typeof triggerRequest>>,
): Promise<TriggerReply> {
  if (services.lifecycle.draining) {
    throw new Problem('unavailable', 'The server is stopping; no call was placed. Try again in a moment.', {
      code: 'draining',
      headers: { 'Retry-After': '5', Connection: 'close' },
    });
  }
  const identifier = 'triggerUuid' in target ? target.triggerUuid : target.agentUuid;
  const receipt = await placeCall(services, {
    identity,
    target,
    mode,
    request: input.body,
    callbackUrl: readCallbackUrl(services, input.body.callback_url),
    idempotent: readIdempotencyKey(services, input.header('idempotency-key'), `${path} ${identifier}`, {
      phone_number: input.body.phone_number,
      initial_context: input.body.initial_context ?? null,
      telephony_configuration_id: input.body.telephony_configuration_id ?? null,
      from_phone_number_id: input.body.from_phone_number_id ?? null,
    }),
  });
  input.noteRun(receipt.runId);
  if (services.config.extensions.size > 0) {
    input.setHeader('Location', `/api/v1/workflow/${String(receipt.agentId)}/runs/${String(receipt.runId)}`);
  }
  if (receipt.replayed) input.setHeader('Idempotency-Replayed', 'true');
  return replyFor(receipt);
}

/** The same words for the first reply and for its replays. */
function replyFor({ runId, runName, outcome, refusal }: CallReceipt): TriggerReply {
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
      // Its key was given back, so that a repeat dials: this is never the answer to one.
      throw new Problem('bad_request', `Failed to initiate call: ${refusal ?? 'nobody was called'}`);
    case null:
      throw new Problem('conflict', 'A call with this idempotency key is still being placed', {
        code: 'call_in_progress',
      });
  }
}
