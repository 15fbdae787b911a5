/**
 * Which calls have ended since the last poll. Calls end in another order than they begin, and a list says when they
 * began. So the calls that were seen and have not ended are kept by id and read one by one until they have.
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

/** In the workflow's static data, which n8n saves with what a poll gives, and not when it throws. */
interface Cursor {
  /** When the calls were last asked for (milliseconds). */
  polledAt?: number;
  /** Whose calls these are; null for all agents. */
  agentId?: number | null;
  /** When the newest call that was listed was placed (ISO 8601, the server's clock). */
  newestAt?: string;
  /** Calls in the overlap that the workflow was started for or that ended before; the value is when they were placed. */
  done?: Record<string, string>;
  /** Calls that have not ended. */
  open?: Record<string, OpenCall>;
}

interface OpenCall {
  placedAt: string;
  /** When it was first seen completed (milliseconds); on Dograh its disposition comes later, or never. */
  completedAt?: number;
}

const minute = 60_000;
/** A call may become visible after one that was placed later. */
const overlapMilliseconds = 10 * minute;
/** Some calls of Dograh never end. The longest real one takes 20 minutes and may wait for its turn before. */
const openMilliseconds = 6 * 60 * minute;
/** How long a completed call without a disposition may still get one (see `settleSeconds` of the client). */
const settleMilliseconds = minute;
const concurrentReads = 10;
/**
 * Static data outlives a deactivation. What ended in a pause as short as an outage is caught up with; after a longer
 * one nobody wants a workflow run for each old call.
 */
const longestPauseMilliseconds = 7 * 24 * 60 * minute;

/** @throws TriggerError, with the cursor where it was. */
export async function pollCalls(context: IPollFunctions): Promise<IDataObject[]> {
  const client = await createClient(context);
  const agent = await readAgentChoice(client, context.getNodeParameter('agent', ''));
  const show = (run: Run): IDataObject =>
    context.getNodeParameter('simplify', true) ? simplifyRun(run) : (run as IDataObject);

  if (context.getMode() === 'manual') return (await readSample(client, agent?.id)).map(show);

  const cursor = context.getWorkflowStaticData('node') as Cursor;
  const { ended, next } = await advance(client, cursor, agent?.id ?? null, Date.now());
  // All reads are behind us: from here nothing throws.
  Object.assign(cursor, next);
  const statuses = context.getNodeParameter('statuses', []);
  return ended.filter((run) => matchesStatuses(run, statuses)).map(show);
}

/** A recent call, for the editor. It leaves the cursor alone. */
async function readSample(client: TriggerClient, agentId: number | undefined): Promise<Run[]> {
  const recent = await client.listNewestCalls(20, { agentId });
  const call = recent.find((listed) => summarizeListedRun(listed).hasEnded) ?? recent[0];
  return call ? [await client.getRun(call.id)] : [];
}

/**
 * @param cursor what is known of another agent's calls, or of those before a long pause, is dropped: then this is the
 * first poll again.
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
    // What ended before the workflow was activated is not its business.
    if (!continuesPolling && summarizeListedRun(call).hasEnded) done.set(id, call.created_at);
    else open.set(id, { placedAt: call.created_at });
  }

  const waiting = [...open];
  const runs = await mapInParallel(waiting, concurrentReads, ([id]) => readRunIfThere(client, Number(id)));
  const ended: Run[] = [];
  for (const [index, [id, { placedAt, completedAt }]] of waiting.entries()) {
    const run = runs[index] ?? null;
    const completedSince = run?.is_completed ? (completedAt ?? now) : undefined;
    const isSettled = completedSince !== undefined && now - completedSince >= settleMilliseconds;
    // Whatever is completed at the first poll ended before it, whether its disposition is known or not.
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

/** Null for a run that is gone: it must not hold up the others. */
function readRunIfThere(client: TriggerClient, id: number): Promise<Run | null> {
  return client.getRun(id).catch((error: unknown) => {
    if (isTriggerError(error) && error.code === 'not_found') return null;
    throw error;
  });
}
