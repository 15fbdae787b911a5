/** Cancels many calls that wait, such as those of a key that has leaked. Calls of campaigns stay: a campaign is paused. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CancelQueuedReply, CancelQueuedRequest } from '@dograh-trigger/shared';
import { listOwnApiKeys } from '../../accounts/api-keys';
import { findAgentRunCount } from '../../agents/known-agents';
import { recordAudit } from '../../audit/audit';
import { limitedToCallsOf } from '../../http/access/key-scope';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import { listQueuedIn, type QueuedPlace } from '../../runs/queued/queued-runs';
import type { Services } from '../../services';
import { laneOf } from '../waiting/lanes';
import { leaveQueue } from '../waiting/leave';

/** So many calls end in one write, which holds up others for a moment only. */
const mostCanceled = 500;
const callsAtOnce = 1000;

/**
 * The calls that match all that is named, those that are due first. A key with the scope `trigger` cancels its own.
 * @throws Problem not_found for a key or an agent that the caller does not have.
 */
export async function cancelQueued(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'deliveryAlarm'>,
  identity: Identity,
  which: CancelQueuedRequest,
): Promise<CancelQueuedReply> {
  const found = await findQueued(services, identity, which);
  const chosen = found.slice(0, mostCanceled);
  const end = { status: 'canceled', reason: 'canceled', detail: null } as const;
  const canceled = await services.storage.write(async (session) => {
    const left = await Promise.all(chosen.map((id) => leaveQueue(services, session, id, end)));
    const count = left.filter((hasLeft) => hasLeft).length;
    const changed = [`calls: ${String(count)}`];
    if (count > 0) await recordAudit(services, session, identity, { action: 'queue.canceled', changed });
    return count;
  });
  if (canceled > 0) services.deliveryAlarm.ringIn(0);
  return { canceled, has_more: found.length > chosen.length };
}

/** @returns the ids of the calls; one more than are canceled, if there are more. */
async function findQueued(
  services: Pick<Services, 'config' | 'storage'>,
  identity: Identity,
  which: CancelQueuedRequest,
): Promise<number[]> {
  const { organizationId } = identity;
  const session = services.storage.read;
  const found: number[] = [];
  for (const lane of await lanesOf(services, identity, which)) {
    let after: QueuedPlace | null = null;
    for (;;) {
      const calls = await listQueuedIn(session, { organizationId, lane }, after, callsAtOnce);
      for (const call of calls) {
        if (found.length > mostCanceled) return found;
        if (isMeant(call, which)) found.push(call.id);
      }
      after = calls.at(-1) ?? null;
      if (calls.length < callsAtOnce) break;
      await nextTurn();
    }
  }
  return found;
}

function isMeant(
  call: { agentId: number; reference: string | null },
  { workflow_id: agentId, reference }: CancelQueuedRequest,
): boolean {
  return (agentId == null || agentId === call.agentId) && (reference == null || reference === call.reference);
}

/** @throws Problem not_found for a key or an agent that the caller does not have. */
async function lanesOf(
  services: Pick<Services, 'config' | 'storage'>,
  identity: Identity,
  { api_key_id: asked, workflow_id: agentId }: CancelQueuedRequest,
): Promise<string[]> {
  const { organizationId } = identity;
  const own = limitedToCallsOf(identity);
  const keys =
    own === null ? (await listOwnApiKeys(services, organizationId, true)).map(({ id }) => id) : [own];
  if (asked != null && !keys.includes(asked)) throw new Problem('not_found', 'API key not found');
  if (
    agentId != null &&
    (await findAgentRunCount(services.storage.read, organizationId, agentId)) === undefined
  )
    throw new Problem('not_found', 'Workflow not found');
  if (asked != null) return [laneOf(organizationId, asked)];
  return [...(own === null ? [null] : []), ...keys].map((key) => laneOf(organizationId, key));
}
