/**
 * Finds the calls that have ended since the last poll. The list is ordered by the start of calls, and they end in
 * another order. So calls in progress are remembered by id and read one by one until they have ended.
 */
import {
  hasEnded,
  isTriggerError,
  mapInParallel,
  summarizeListedRun,
  type Run,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import { readAgentChoice } from '../Dograh/fields/agent-fields';
import { createClient } from '../Dograh/runtime/client';
import { simplifyRun } from '../Dograh/fields/output';
import { matchesStatuses } from '../Dograh/fields/run-filter';

/** Stored in the workflow's static data. n8n saves it with the result of a poll, but not after an error. */
interface Cursor {
  /** Time of the last poll (milliseconds). */
  polledAt?: number;
  /** The agent of these calls; null for all agents. */
  agentId?: number | null;
  /** When the newest listed call was placed (ISO 8601, by the server's clock). */
  newestAt?: string;
  /**
   * Finished calls in the overlap. The workflow was started for them, or they ended before it was activated. The
   * value is the time when they were placed.
   */
  done?: Record<string, string>;
  /** Calls in progress. */
  open?: Record<string, OpenCall>;
}

interface OpenCall {
  /** Of a queued call: when it was last read. */
  placedAt: string;
  /** When a queued call is read again (milliseconds). */
  readAt?: number;
  /** When it was first read as completed (milliseconds). On Dograh the disposition follows later, or never. */
  completedAt?: number;
}

const minute = 60_000;
/** A call may appear in the list after one that was placed later. */
const overlapMilliseconds = 10 * minute;
/** Some calls of Dograh never end. The longest real call takes 20 minutes. Queued calls are not given up. */
const openMilliseconds = 6 * 60 * minute;
/** How long a completed call without a disposition may still get one (see `settleSeconds` of the client). */
const settleMilliseconds = minute;
/** A queued call may be canceled or moved before it is due. Thousands of calls may be queued. */
const longestQueuedPauseMilliseconds = 60 * minute;
const concurrentReads = 10;
/**
 * Static data survives a deactivation. Calls that ended during a short pause, such as an outage, still start the
 * workflow. After a longer pause they do not.
 */
const longestPauseMilliseconds = 7 * 24 * 60 * minute;

/** @throws TriggerError; the cursor is then unchanged. */
export async function pollCalls(context: IPollFunctions): Promise<IDataObject[]> {
  const client = await createClient(context);
  const agent = await readAgentChoice(client, context.getNodeParameter('agent', ''));
  const show = (run: Run): IDataObject =>
    context.getNodeParameter('simplify', true) ? simplifyRun(run) : (run as IDataObject);

  if (context.getMode() === 'manual') return (await readSample(client, agent?.id)).map(show);

  const cursor = context.getWorkflowStaticData('node') as Cursor;
  const { ended, next } = await advance(client, cursor, agent?.id ?? null, Date.now());
  // Changed after the last read, since nothing throws from here on.
  Object.assign(cursor, next);
  const statuses = context.getNodeParameter('statuses', []);
  return ended.filter((run) => matchesStatuses(run, statuses)).map(show);
}

/** A recent call, for the editor. The cursor does not change. */
async function readSample(client: TriggerClient, agentId: number | undefined): Promise<Run[]> {
  const recent = await client.listNewestCalls(20, { agentId });
  const call = recent.find((listed) => summarizeListedRun(listed).hasEnded) ?? recent[0];
  return call ? [await client.getRun(call.id)] : [];
}

/**
 * @param cursor the state of the last poll. After a change of the agent or a long pause it is dropped, and this
 *   counts as the first poll.
 * @param now milliseconds since 1970.
 */
async function advance(
  client: TriggerClient,
  cursor: Cursor,
  agentId: number | null,
  now: number,
): Promise<{ ended: Run[]; next: Required<Cursor> }> {
  const { polledAt, agentId: earlierAgentId } = cursor;
  const continuesPolling =
    polledAt !== undefined && now - polledAt <= longestPauseMilliseconds && earlierAgentId === agentId;
  const known = continuesPolling ? cursor : {};
  const newestAt = known.newestAt ?? new Date(now - openMilliseconds).toISOString();
  const since = new Date(Date.parse(newestAt) - overlapMilliseconds);
  const filter = { agentId: agentId ?? undefined, createdSince: since };
  const listed = await client.listNewestCalls(Infinity, filter);

  const done = new Map(Object.entries(known.done ?? {}));
  const open = new Map(Object.entries(known.open ?? {}));
  for (const call of listed) {
    const id = String(call.id);
    if (done.has(id) || open.has(id)) continue;
    // Calls that ended before the workflow was activated do not start it.
    if (!continuesPolling && summarizeListedRun(call).hasEnded) done.set(id, call.created_at);
    else open.set(id, { placedAt: call.created_at });
  }

  const waiting = [...open].filter(([, { readAt = now }]) => readAt <= now);
  const runs = await mapInParallel(waiting, concurrentReads, ([id]) => readRunIfThere(client, Number(id)));
  const ended: Run[] = [];
  for (const [index, [id, { placedAt, completedAt }]] of waiting.entries()) {
    const run = runs[index] ?? null;
    if (run?.status === 'queued') {
      open.set(id, { placedAt: new Date(now).toISOString(), readAt: nextReadOfQueued(run, now) });
      continue;
    }
    const completedSince = run?.is_completed ? (completedAt ?? now) : undefined;
    const isSettled = completedSince !== undefined && now - completedSince >= settleMilliseconds;
    // A call that is completed at the first poll ended before it, even without a disposition.
    const isOver = run !== null && (hasEnded(run, isSettled) || (run.is_completed && !continuesPolling));
    if (isOver && continuesPolling) ended.push(run);
    if (isOver || run === null || now - Date.parse(placedAt) > openMilliseconds) {
      open.delete(id);
      done.set(id, placedAt);
    } else if (completedSince !== undefined) {
      open.set(id, { placedAt, completedAt: completedSince });
    }
  }

  const placed = [newestAt, ...listed.map((call) => call.created_at)];
  const newest = placed.reduce((left, right) => (Date.parse(right) > Date.parse(left) ? right : left));
  const oldestListed = Date.parse(newest) - overlapMilliseconds;
  const kept = [...done].filter(([, placedAt]) => Date.parse(placedAt) >= oldestListed);
  return {
    ended: ended.sort((left, right) => left.id - right.id),
    next: {
      polledAt: now,
      agentId,
      newestAt: newest,
      done: Object.fromEntries(kept),
      open: Object.fromEntries(open),
    },
  };
}

function nextReadOfQueued({ due_at: dueAt }: Run, now: number): number {
  const latest = now + longestQueuedPauseMilliseconds;
  return dueAt ? Math.min(Date.parse(dueAt), latest) : latest;
}

/** Null for a run that no longer exists, so that it does not block the others. */
function readRunIfThere(client: TriggerClient, id: number): Promise<Run | null> {
  return client.getRun(id).catch((error: unknown) => {
    if (isTriggerError(error) && error.code === 'not_found') return null;
    throw error;
  });
}
