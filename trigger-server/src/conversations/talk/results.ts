/** What a conversation writes to its run: events, gathered values and the usage of the model, in one transaction. */
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@dograh-trigger/shared';
import { isUtterance } from '../../artifacts/transcript';
import type { CallAttempt } from '../../carriers/port/call-name';
import { addModelUsage } from '../../runs/reported-usage';
import {
  appendRunEvents,
  correctRunEvents,
  feedbackEvent,
  listRunEvents,
  type RunEvent,
} from '../../runs/run-log';
import { findRunState, saveRunState, type RunState } from '../../runs/run-state';
import { isJsonObject } from '../../http/body/unknown-fields';
import type { Services } from '../../services';
import type { Session, WriteSession } from '../../storage/port';
import { heardOf } from '../engine/speech/heard-part';
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

/** Cuts what was said last, to the words that were heard of it. @param spoken as of `heardOf`. */
export async function cutLastWords(session: WriteSession, runId: number, spoken: string): Promise<void> {
  const spokenEvents = (await listRunEvents(session, runId)).filter((event) => textOf(event) !== null);
  const turn = spokenEvents.at(-1)?.payload.turn;
  const isMeant = (event: RunEvent) => textOf(event) !== null && event.payload.turn === turn;
  const parts = heardOf(
    spokenEvents.filter(isMeant).map((event) => textOf(event) ?? ''),
    spoken,
  );
  await correctRunEvents(session, runId, (event) => {
    if (!isMeant(event)) return event;
    const text = parts.shift() ?? '';
    return text === '' ? null : { ...event, payload: { ...event.payload, payload: { text } } };
  });
}

/** The words of an event in which the agent speaks; null for any other one. */
function textOf({ payload: { type, payload = null } }: RunEvent): string | null {
  const { text = null } = isJsonObject(payload) ? payload : {};
  return type === 'rtf-bot-text' && typeof text === 'string' ? text : null;
}

/** Whether the log has this event, at whatever time. */
async function isNoted(session: Session, runId: number, { payload: event }: RunEvent): Promise<boolean> {
  const events = await listRunEvents(session, runId);
  return events.some(({ payload }) => isDeepStrictEqual({ ...payload, timestamp: event.timestamp }, event));
}
