/** A callee who asks the agent not to be called again: the agent ends the call for this reason. */
import { recordAudit, serverActor } from '../../../audit/audit';
import { asksForNoCalls } from '../../../conversations/engine/endings';
import type { Services } from '../../../services';
import { parseObject } from '../../../storage/columns';
import type { WriteSession } from '../../../storage/port';
import { addNumbers } from './do-not-call';

/**
 * Adds the number of a call that an `end_call` tool has ended for this reason, and ends the queued calls to it, in the
 * transaction of the end.
 */
export async function addIfAsked(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: WriteSession,
  run: { id: number; organization_id: number; called_number: string; gathered_context: string },
): Promise<void> {
  const { call_disposition: disposition, call_tags: tags } = parseObject(run.gathered_context) ?? {};
  if (!asksForNoCalls(disposition) || !Array.isArray(tags) || !tags.includes('end_call_tool')) return;
  const { organization_id: organizationId, called_number: number, id: runId } = run;
  const addition = { number, source: 'agent', reason: 'Asked in a call', until: null, runId };
  const [added] = await addNumbers(services, session, organizationId, [addition], services.clock.now());
  if (added === undefined || added.effect === 'unchanged') return;
  const change = { action: 'do_not_call.added', subjectId: added.id } as const;
  await recordAudit(services, session, serverActor(organizationId), change);
}
