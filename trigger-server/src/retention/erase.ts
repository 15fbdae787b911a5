/** Erases calls: everything about the person called is removed, and what accounting needs stays. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ErasedRun, EraseReply } from '@dograh-trigger/shared';
import { eraseRecording } from '../artifacts/removal/removal';
import { recordAudit } from '../audit/audit';
import { forgetRequest } from '../calls/idempotency';
import { parseDestination } from '../calls/policy/destination';
import { eraseEventsOfRun } from '../events/removal/removal';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import { countUnfinishedToNumber, eraseRun, listRunsToNumber, newestRunId } from '../runs/removal/removal';
import { findOwnRun } from '../runs/runs';
import type { Services } from '../services';

type Needs = Pick<Services, 'storage' | 'clock'>;

/** A slice takes a few milliseconds. Between two slices, other requests are served. */
const idsPerSlice = 5_000;

/**
 * Erases a call that has ended. One that is erased already stays as it is.
 * @throws Problem not_found; conflict while the call is under way.
 */
export async function eraseCall(services: Needs, identity: Identity, runId: number): Promise<ErasedRun> {
  const erasedAt = await eraseOne(services, identity, runId);
  await services.storage.tidyUp();
  return { workflow_run_id: runId, erased_at: erasedAt };
}

/**
 * Erases all calls to a number, one by one, so that other requests are served meanwhile. If it is interrupted, the next
 * request erases the rest.
 * @throws Problem unprocessable for a number that cannot be called; conflict while one of the calls is under way.
 */
export async function eraseNumber(
  services: Needs,
  identity: Identity,
  phoneNumber: string,
): Promise<EraseReply> {
  const { organizationId } = identity;
  const { read } = services.storage;
  const calledNumber = parseDestination(phoneNumber).e164;
  const unfinished = await countUnfinishedToNumber(read, organizationId, calledNumber);
  if (unfinished > 0) {
    throw new Problem(
      'conflict',
      `Calls to this number are under way (${String(unfinished)}), and nothing was erased. Cancel them or wait for their end, then send the request again.`,
    );
  }
  let erased = 0;
  const newest = await newestRunId(read);
  for (let after = 0; after < newest; after += idsPerSlice) {
    const slice = { organizationId, calledNumber, after, upTo: Math.min(after + idsPerSlice, newest) };
    for (const runId of await listRunsToNumber(read, slice)) {
      await eraseOne(services, identity, runId);
      erased += 1;
    }
    await nextTurn();
  }
  await services.storage.tidyUp();
  return { erased };
}

/** @returns when it was erased. */
async function eraseOne({ storage, clock }: Needs, identity: Identity, runId: number): Promise<string> {
  const at = clock.now().toISOString();
  return storage.write(async (session) => {
    await session.lock('run', runId);
    const run = await findOwnRun(session, identity.organizationId, runId);
    if (run.erased_at !== null) return run.erased_at;
    // The reply to a dial may still bring the carrier's words, which may contain the number.
    if (run.completed_at === null || run.dial_outcome === null) throw underWay();
    await eraseEventsOfRun(session, runId, at);
    await eraseRecording({ clock }, session, run);
    await forgetRequest(session, runId);
    await eraseRun(session, runId, at);
    await recordAudit({ clock }, session, identity, { action: 'run.erased', subjectId: runId });
    return at;
  });
}

function underWay(): Problem {
  return new Problem(
    'conflict',
    'The call is under way, and nothing was erased. Cancel it or wait for its end, then send the request again.',
  );
}
