/** What a prepared call becomes when it is recorded. */
import type { Services } from '../../services';
import type { Wait } from '../../runs/queued/queued-runs';
import { keyClaim } from '../idempotency';
import { triggerPathOf } from '../order';
import { dialColumns, type PreparedCall } from '../prepare-call';
import { retryOf } from '../redial/settings';
import type { Placement } from './record-runs';

/** @param made `wait`: null for a call that is dialled now. `contact`: of a campaign; null: it is of none. */
export function placementOf(
  services: Pick<Services, 'clock' | 'config' | 'thisProcess'>,
  call: PreparedCall,
  made: { runName: string; now: Date; wait: Wait | null; contact: Placement['contact'] },
): Placement {
  const { order, agent, destination, route } = call;
  const { runName, now, wait, contact } = made;
  const { organizationId, apiKeyId, userId } = order.identity;
  const {
    phone_number,
    initial_context,
    telephony_configuration_id,
    from_phone_number_id,
    strict_variables,
  } = order.request;
  return {
    destination,
    now,
    steadyNow: services.clock.steady(),
    callsPerSecond: route.callsPerSecond,
    wait,
    contact,
    mostQueued: services.config.maxQueuedCalls,
    isPlacedAgain: retryOf(services, order.schedule, agent.configurations) !== null,
    labels: order.labels,
    plan: {
      request: {
        phone_number,
        initial_context,
        telephony_configuration_id,
        from_phone_number_id,
        strict_variables,
        speech: order.speech,
        voicemail: order.voicemail,
        userId,
      },
      schedule: order.schedule,
    },
    key:
      order.idempotent === null ? null : keyClaim(services, organizationId, order.idempotent, order.schedule),
    callbackUrl: order.callbackUrl,
    run: {
      organization_id: organizationId,
      agent_id: agent.agentId,
      name: runName,
      trigger_mode: order.mode,
      trigger_path: triggerPathOf(order),
      called_number: destination.e164,
      language: order.speech.language,
      voice: order.speech.voice,
      ignored_fields: order.ignoredFields.length === 0 ? null : JSON.stringify(order.ignoredFields),
      created_at: now.toISOString(),
      source: order.source,
      trace: order.trace === null ? null : JSON.stringify(order.trace),
      api_key_id: apiKeyId,
      ...dialColumns(services, call),
    },
  };
}
