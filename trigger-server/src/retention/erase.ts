/** Erases calls: everything about the person called is removed, and what accounting needs stays. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ErasedRun, EraseReply } from '@dograh-trigger/shared';
import { eraseRecording } from '../artifacts/removal/removal';
import { recordAudit } from '../audit/audit';
import { forgetRequest } from '../calls/idempotency';
import { removeContact, removeContactOfRun } from '../calls/campaigns/source/files';
import { forgetNumberCalls } from '../calls/policy/number-limit/number-limit';
import { parseDestination } from '../calls/policy/destination';
import { leaveQueue } from '../calls/waiting/leave';
import { forgetChats } from '../conversations/chat/chats';
import { forgetTalks } from '../conversations/talk/talks';
import { eraseEventsOfRun } from '../events/removal/removal';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import { eraseRun, listRunsToNumber, newestRunId } from '../runs/removal/removal';
import { findOwnRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance'>;

/** A slice takes a few milliseconds. Between two slices, other requests are served. */
const idsPerSlice = 5_000;

/**
 * Erases a call that has ended. A queued one is canceled first. One that is erased already stays as it is.
 * @throws Problem not_found; conflict while the call is under way.
 */
export async function eraseCall(services: Needs, identity: Identity, runId: number): Promise<ErasedRun> {
  const erasedAt = await eraseOne(services, identity, runId);
  if (erasedAt === null) {
    throw new Problem(
      'conflict',
      'The call is under way, and nothing was erased. Cancel it or wait for its end, then send the request again.',
    );
  }
  await services.storage.tidyUp();
  return { workflow_run_id: runId, erased_at: erasedAt };
}

/**
 * Erases all calls to a number that are not under way, one by one, so that other requests are served meanwhile. If it is interrupted, the
 * next request erases the rest.
 * @throws Problem unprocessable for a number that cannot be called; conflict if calls were left because they are under way.
 */
export async function eraseNumber(
  services: Needs,
  identity: Identity,
  phoneNumber: string,
): Promise<EraseReply> {
  const calledNumber = parseDestination(phoneNumber).e164;
  // First, so that no campaign begins a call to it meanwhile.
  await services.storage.write((session) => removeContact(session, identity.organizationId, calledNumber));
  const count = { erased: 0, underWay: 0 };
  try {
    for await (const runId of runsToNumber(services, identity.organizationId, calledNumber)) {
      const erasedAt = await eraseOne(services, identity, runId);
      count[erasedAt === null ? 'underWay' : 'erased'] += 1;
    }
  } finally {
    if (count.erased > 0) await services.storage.tidyUp();
  }
  const { erased, underWay } = count;
  if (underWay > 0) {
    throw new Problem(
      'conflict',
      `Calls to this number that are under way (${String(underWay)}) were not erased; the others (${String(erased)}) were. Cancel the others or wait for their end, then send the request again.`,
    );
  }
  return { erased };
}

async function* runsToNumber(
  { storage }: Needs,
  organizationId: number,
  calledNumber: string,
): AsyncGenerator<number> {
  const newest = await newestRunId(storage.read);
  for (let after = 0; after < newest; after += idsPerSlice) {
    const upTo = Math.min(after + idsPerSlice, newest);
    yield* await listRunsToNumber(storage.read, { organizationId, calledNumber, after, upTo });
    await nextTurn();
  }
}

const canceled = { status: 'canceled', reason: 'canceled', detail: null } as const;

/** @returns when it was erased; null while it is under way. */
async function eraseOne(services: Needs, identity: Identity, runId: number): Promise<string | null> {
  const { storage, clock } = services;
  const at = clock.now().toISOString();
  return storage.write(async (session) => {
    await session.lock('run', runId);
    const run = await findOwnRun(session, identity.organizationId, runId);
    if (run.erased_at !== null) return run.erased_at;
    const hasEnded = run.completed_at !== null || (await leaveQueue(services, session, runId, canceled));
    if (!hasEnded || isBeingDialled(run)) return null;
    await eraseEventsOfRun(session, runId, at);
    await eraseRecording(services, session, run);
    await forgetRequest(session, runId);
    await forgetNumberCalls(session, [runId]);
    await forgetTalks(session, [runId]);
    await forgetChats(session, [runId]);
    await removeContactOfRun(session, run);
    await eraseRun(session, runId, at);
    await recordAudit(services, session, identity, { action: 'run.erased', subjectId: runId });
    return at;
  });
}

/** The reply to the dial may still bring the carrier's words, which may contain the number. A queued call has no owner. */
function isBeingDialled({ dial_outcome: outcome, owner }: RunRow): boolean {
  return outcome === null && owner !== null;
}
