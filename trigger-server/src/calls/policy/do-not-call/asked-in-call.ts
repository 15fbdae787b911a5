/** A callee who asks the agent not to be called again: the agent ends the call for this reason. */
import type { JsonObject } from '@dograh-trigger/shared';
import { recordAudit, serverActor } from '../../../audit/audit';
import { asksForNoCalls } from '../../../conversations/engine/endings';
import type { Conversation } from '../../../carriers/port/report';
import { findRun } from '../../../runs/runs';
import type { Services } from '../../../services';
import { parseObject } from '../../../storage/columns';
import type { WriteSession } from '../../../storage/port';
import { addNumbers } from './do-not-call';

/** @property gathered_context of the run, or of what another server says of it. */
interface EndedCall {
  id: number;
  organization_id: number;
  called_number: string;
  disposition: string | null;
  gathered_context: string;
}

/**
 * Takes the lock that `addIfAsked` needs: before the lock of the run, as every write does, or two of them wait for each
 * other.
 * @param conversation undefined: what the run itself says of it counts, as where a carrier reports the end of a call that
 * talked here.
 */
export async function lockIfAsked(
  session: WriteSession,
  runId: number,
  conversation: Conversation | undefined,
): Promise<void> {
  if (conversation !== undefined && !isAsked(conversation.disposition, conversation.gathered)) return;
  const run = await findRun(session, runId);
  if (run === undefined) return;
  if (conversation === undefined && !isAsked(run.disposition, parseObject(run.gathered_context) ?? {}))
    return;
  await session.lock('organization', run.organization_id);
}

/**
 * Adds the number of a call that was ended for this reason, and ends the queued calls to it, in the transaction of the
 * end.
 */
export async function addIfAsked(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: WriteSession,
  run: EndedCall,
): Promise<void> {
  if (!isAsked(run.disposition, parseObject(run.gathered_context) ?? {})) return;
  const { organization_id: organizationId, called_number: number, id: runId } = run;
  const addition = { number, source: 'agent', reason: 'Asked in a call', until: null, runId };
  const [added] = await addNumbers(services, session, organizationId, [addition], services.clock.now());
  if (added === undefined || added.effect === 'unchanged') return;
  const change = { action: 'do_not_call.added', subjectId: added.id } as const;
  await recordAudit(services, session, serverActor(organizationId), change);
}

/**
 * Here an `end_call` tool must have said so: a model may extract the same word from any conversation. Of a call that a Dograh
 * held, its disposition counts, also where the organization there shows another word in its place.
 */
function isAsked(disposition: string | null, gathered: JsonObject): boolean {
  const { call_disposition: own, call_tags: tags, dograh_run: there } = gathered;
  if (typeof there === 'object' && there !== null && !Array.isArray(there))
    return asksForNoCalls(disposition ?? undefined) || asksForNoCalls(there.call_disposition);
  return asksForNoCalls(own) && Array.isArray(tags) && tags.includes('end_call_tool');
}
