/** Cancels a call that is queued, ringing or answered, where the carrier offers that. */
import { isFinalStatus, textChatMode, type CancelReply } from '@dograh-trigger/shared';
import { describeError } from '../describe-error';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import { forgetCancelRequest, noteCancelRequest } from '../runs/cancel-requests';
import { endChat } from '../conversations/chat/end';
import { inChatPlace } from '../conversations/chat/places';
import type { ChatServices } from '../conversations/chat/turn';
import { findVisibleRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';
import type { CarrierServices } from '../telephony/tools';
import { openCallOf, type OpenCall } from '../telephony/open-call';
import type { CancelResult, CarrierCall } from '../carriers/port/call';
import { leaveQueue } from './waiting/leave';
import { deletePlan } from './waiting/plan';

const ended = 'The call has already ended';

/**
 * Asks the carrier to end the call. The run ends when the carrier reports the end. A queued call ends at once, and so does a
 * text chat.
 * @throws Problem not_found; conflict when the call has ended, or its id at the carrier is not known yet; not_implemented
 * where the carrier cannot cancel; bad_request with the carrier's reason; outcome_unknown without a reply.
 */
export async function cancelCall(
  services: CarrierServices & ChatServices,
  identity: Identity,
  runId: number,
): Promise<CancelReply> {
  let run = await findVisibleRun(services.storage.read, identity, runId);
  if (run.mode === textChatMode && !isFinalStatus(run.status)) {
    if (!(await cancelChat(services, run))) throw new Problem('conflict', ended);
    return { status: 'canceled', workflow_run_id: runId };
  }
  if (run.status === 'queued') {
    if (await cancelQueued(services, runId)) return { status: 'canceled', workflow_run_id: runId };
    // It has just been placed, or has ended.
    run = await findVisibleRun(services.storage.read, identity, runId);
  }
  if (isFinalStatus(run.status)) throw new Problem('conflict', ended);
  const open = await openCallOf(services, run);
  if (open?.provider.cancel === undefined || open.call === null) {
    const isPlanned = run.has_plan === 1;
    // This attempt goes on, but somebody asked to stop: there is no next one.
    if (isPlanned && !(await keepFromNextAttempt(services, run))) {
      return cancelCall(services, identity, runId);
    }
    throw cannotCancel(run, open, isPlanned ? ' It is not placed again.' : '');
  }
  // Noted first: the carrier's report of the end may come before its reply.
  const at = services.clock.now().toISOString();
  const underWay = run;
  const isNoted = await services.storage.write(async (session) => {
    if (!(await noteCancelRequest(session, underWay, at))) return false;
    // Whatever the carrier makes of it: the call is not placed again.
    await deletePlan(session, runId);
    return true;
  });
  if (!isNoted) {
    // It has ended, or it waits for another attempt, which is found now.
    return cancelCall(services, identity, runId);
  }
  const forget = () => services.storage.write((session) => forgetCancelRequest(session, runId, at));
  let result: CancelResult;
  try {
    result = await open.provider.cancel(open.configuration, open.call, open.tools, open.reports);
  } catch (error) {
    services.log.warn({ runId, error: describeError(error) }, 'a carrier did not answer to a cancellation');
    if (await goesOn(services, { ...open, call: open.call })) await forget();
    throw new Problem(
      'outcome_unknown',
      'The carrier did not answer in time; the call may or may not have been cancelled',
      { cause: error },
    );
  }
  if (result.outcome !== 'accepted') {
    // The call goes on, or had ended by itself: this cancellation did not end it.
    await forget();
  }
  switch (result.outcome) {
    case 'accepted':
      return { status: 'canceling', workflow_run_id: runId };
    case 'gone':
      throw new Problem('conflict', 'The carrier knows no such call any more; its last report is on the way');
    case 'refused':
      throw new Problem(
        'bad_request',
        `The call was not cancelled: ${result.detail}${run.has_plan === 1 ? ' It is not placed again.' : ''}`,
      );
  }
}

/** @returns false where the chat has ended by itself. */
async function cancelChat(services: ChatServices, run: RunRow): Promise<boolean> {
  const { organization_id: organizationId } = run;
  const place = { organizationId, workflowId: run.agent_id, runId: run.id };
  const when = { expected: null, ifIdle: false, reason: 'canceled' } as const;
  try {
    return await inChatPlace(services, organizationId, () => endChat(services, place, when));
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    throw new Problem('conflict', 'A turn of this text chat is under way. Try again in a moment.');
  }
}

/** @param next what becomes of further attempts, in words. */
function cannotCancel(run: RunRow, open: OpenCall | null, next: string): Problem {
  if (open?.provider.cancel === undefined) {
    const cannot = `Calls through '${run.mode}' cannot be cancelled`;
    return new Problem('not_implemented', next === '' ? cannot : `${cannot}, so this one goes on.${next}`);
  }
  return new Problem(
    'conflict',
    `The carrier has not yet said which call this is, so it cannot be cancelled. Try again in a moment.${next}`,
  );
}

/** @returns false when the attempt has ended, or waits for the next one. */
function keepFromNextAttempt(services: Pick<Services, 'storage' | 'clock'>, run: RunRow): Promise<boolean> {
  const at = services.clock.now().toISOString();
  return services.storage.write(async (session) => {
    if (!(await noteCancelRequest(session, run, at))) return false;
    await deletePlan(session, run.id);
    // Nobody was asked to end this attempt, so its end is its own.
    await forgetCancelRequest(session, run.id, at);
    return true;
  });
}

async function cancelQueued(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'deliveryAlarm'>,
  runId: number,
): Promise<boolean> {
  const end = { status: 'canceled', reason: 'canceled', detail: null } as const;
  const hasLeft = await services.storage.write((session) => leaveQueue(services, session, runId, end));
  if (hasLeft) services.deliveryAlarm.ringIn(0);
  return hasLeft;
}

/** Whether the carrier says that the call has not ended. If it cannot be asked, a later question may find out. */
async function goesOn(
  { log }: Pick<CarrierServices, 'log'>,
  { provider, configuration, call, tools }: OpenCall & { call: CarrierCall },
): Promise<boolean> {
  try {
    const report = (await provider.askStatus?.(configuration, call, tools)) ?? null;
    return report !== null && report.status !== 'ended';
  } catch (error) {
    log.warn(
      { runId: call.runId, error: describeError(error) },
      'a carrier could not be asked about a call after its cancellation',
    );
    return false;
  }
}
