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
import { readAgentChoice } from '../Dograh/shared/agent-fields';
import { createClient } from '../Dograh/shared/client';
import { simplifyRun } from '../Dograh/shared/output';
import { hasWantedStatus } from '../Dograh/shared/run-filter';

/** In the workflow's static data, which n8n saves with what a poll gives, and not when it throws. */
interface Cursor {
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
const readsAtOnce = 10;

/** @throws TriggerError, with the cursor where it was. */
export async function pollCalls(context: IPollFunctions): Promise<IDataObject[]> {
  const client = await createClient(context);
  const agent = await readAgentChoice(client, context.getNodeParameter('agent', ''));
  const show = (run: Run): IDataObject =>
    context.getNodeParameter('simplify', true) ? simplifyRun(run) : (run as IDataObject);

  if (context.getMode() === 'manual') return (await readSample(client, agent?.id)).map(show);

  const cursor = context.getWorkflowStaticData('node') as Cursor;
  const { ended, next } = await advance(client, cursor, agent?.id, Date.now());
  // All reads are behind us: from here nothing throws.
  Object.assign(cursor, next);
  const statuses = context.getNodeParameter('statuses', []);
  return ended.filter((run) => hasWantedStatus(run, statuses)).map(show);
}

/** A recent call, for the editor. It leaves the cursor alone. */
async function readSample(client: TriggerClient, agentId: number | undefined): Promise<Run[]> {
  const recent = await client.listNewestCalls(20, { agentId });
  const call = recent.find((listed) => summarizeListedRun(listed).status !== 'in-progress') ?? recent[0];
  return call ? [await client.getRun(call.id)] : [];
}

/** @param now milliseconds since 1970. */
async function advance(
  client: TriggerClient,
  cursor: Cursor,
  agentId: number | undefined,
  now: number,
): Promise<{ ended: Run[]; next: Required<Cursor> }> {
  const isFirst = cursor.newestAt === undefined;
  const newestAt = cursor.newestAt ?? new Date(now - openMilliseconds).toISOString();
  const since = new Date(Date.parse(newestAt) - overlapMilliseconds);
  const listed = await client.listNewestCalls(Infinity, { agentId, createdSince: since });

  const done = new Map(Object.entries(cursor.done ?? {}));
  const open = new Map(Object.entries(cursor.open ?? {}));
  for (const call of listed) {
    const id = String(call.id);
    if (done.has(id) || open.has(id)) continue;
    // What ended before the workflow was activated is not its business.
    if (isFirst && summarizeListedRun(call).status !== 'in-progress') done.set(id, call.created_at);
    else open.set(id, { placedAt: call.created_at });
  }

  const waiting = [...open];
  const runs = await mapInParallel(waiting, readsAtOnce, ([id]) => readRunIfThere(client, Number(id)));
  const ended: Run[] = [];
  for (const [index, [id, { placedAt, completedAt }]] of waiting.entries()) {
    const run = runs[index] ?? null;
    const completedSince = run?.is_completed ? (completedAt ?? now) : undefined;
    const isSettled = completedSince !== undefined && now - completedSince >= settleMilliseconds;
    const isOver = run !== null && hasEnded(run, isSettled);
    // At the first poll nobody knows when a call that the list left open has ended.
    if (isOver && !isFirst) ended.push(run);
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
    next: { newestAt: newest, done: Object.fromEntries(kept), open: Object.fromEntries(open) },
  };
}

/** Null for a run that is gone: it must not hold up the others. */
function readRunIfThere(client: TriggerClient, id: number): Promise<Run | null> {
  return client.getRun(id).catch((error: unknown) => {
    if (isTriggerError(error) && error.code === 'not_found') return null;
    throw error;
  });
}
