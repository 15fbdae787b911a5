/** What a conversation writes to its run: events, gathered values and the usage of the model, in one transaction. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@dograh-trigger/shared';
import { isUtterance } from '../../artifacts/transcript';
import type { CallAttempt } from '../../carriers/port/call-name';
import { addModelUsage } from '../../runs/reported-usage';
import { appendRunEvents, feedbackEvent, listRunEvents, type RunEvent } from '../../runs/run-log';
import { findRunState, saveRunState, type RunState } from '../../runs/run-state';
import type { Services } from '../../services';
import type { Session, WriteSession } from '../../storage/port';
import type { TalkEvent, TurnResult } from '../engine/script';

/** An event with the time at which it happened. */
export interface StampedEvent extends TalkEvent {
  at: Date;
}

export interface TalkResults {
  /** The number of the turn in the log: from 1. */
  turn: number;
  events: readonly StampedEvent[];
  gathered: JsonObject;
  usage: TurnResult['usage'];
  processor: string;
}

/** Whether a conversation still writes to this run: until it has ended, and then as long as results are awaited. */
export function mayHaveResults({
  erased_at: erasedAt,
  artifacts_ready_at: readyAt,
}: Pick<RunState, 'erased_at' | 'artifacts_ready_at'>): boolean {
  return erasedAt === null && readyAt === null;
}

/** @param run under its lock. */
export async function writeResults(
  session: WriteSession,
  run: RunState,
  { turn, events, gathered, usage, processor }: TalkResults,
  at: Date,
): Promise<void> {
  const logged = events.map((event) => toRunEvent(event, turn));
  if (logged.length > 0) await appendRunEvents(session, run.id, logged, at.toISOString());
  for (const { model, ...tokens } of usage) {
    await addModelUsage(session, run.id, `${processor}|||${model}`, tokens);
  }
  const known = JSON.parse(run.gathered_context) as JsonObject;
  const isSpoken = logged.some(({ payload }) => isUtterance(payload));
  await saveRunState(
    session,
    {
      ...run,
      gathered_context: JSON.stringify({ ...known, ...gathered }),
      has_transcript: isSpoken ? 1 : run.has_transcript,
    },
    null,
  );
}

function toRunEvent({ type, payload, nodeId, nodeName, at }: StampedEvent, turn: number): RunEvent {
  const node: JsonObject = nodeId === null ? {} : { node_id: nodeId, node_name: nodeName };
  return feedbackEvent(type, payload, at.toISOString(), { turn, ...node });
}

/**
 * Notes the words that a carrier speaks while a turn is computed: once, also where the carrier repeats its request. Does
 * nothing once the call has ended.
 */
export function noteFiller(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  { runId, attempt }: CallAttempt,
  turn: number,
  text: string,
): Promise<void> {
  const at = clock.now();
  return storage.write(async (session) => {
    await session.lock('run', runId);
    const run = await findRunState(session, runId);
    if (run?.attempt !== attempt || run.completed_at !== null) return;
    const event = { type: 'rtf-bot-text', payload: { text }, nodeId: null, nodeName: null, at };
    const results = { turn: turn + 1, events: [event], gathered: {}, usage: [], processor: '' };
    if (await isNoted(session, runId, toRunEvent(event, results.turn))) return;
    await writeResults(session, run, results, at);
  });
}

/** Whether the log has this event, at whatever time. */
async function isNoted(session: Session, runId: number, { payload: event }: RunEvent): Promise<boolean> {
  const events = await listRunEvents(session, runId);
  return events.some(({ payload }) => isDeepStrictEqual({ ...payload, timestamp: event.timestamp }, event));
}
