/**
 * A turn of a run's conversation. It is computed once, by whichever process is asked; a turn that was finished and is asked
 * for again gives the same reply, and asks neither the model nor a tool.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import { describeError } from '../../describe-error';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { addToContext } from '../../runs/fetched-context';
import { findRunState } from '../../runs/run-state';
import type { RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import { withExtracted } from '../engine/extraction';
import { findNode } from '../engine/nodes';
import type { Heard } from '../engine/port';
import type { ExtractionTask, Ports, TurnResult } from '../engine/script';
import type { TalkState } from '../engine/state';
import { turn as computeTurn } from '../engine/turn';
import { withFetchedContext } from '../tools/pre-call-fetch';
import { claimTurn, releaseTurn } from './claim';
import { turnDeadline, within } from './deadline';
import { extractInBackground } from './extract-values';
import { cutLastWords, mayHaveResults, writeResults, type StampedEvent } from './results';
import { loadTalk, type Talk } from './script';
import { saveTurnQuery, talkQuery, type StoredReply, type TalkRow } from './store';
import type { TalkServices } from './talk-services';

/** A tool for which the turn has no time left. */
const noTime: JsonObject = { status: 'error', error: 'Request failed: the turn had no time left for it' };

/** Nothing is said any more, because the call has ended. */
const over: StoredReply = { say: [], then: 'hang_up' };

/** Someone who hears a turn while it is computed. */
export type Listener = Required<Pick<Ports, 'say' | 'whenLate'>>;

/**
 * @param turn 0 is the opening. @param heard null: what was heard in this turn before. @param before said already: words of the
 * turn before, to which the reply belongs. @param listener absent: the reply is said when it is complete.
 * @returns null while another one computes this turn: ask again in a while.
 * @throws Error for an unknown run, and a turn before which others are missing.
 */
export async function takeTurn(
  services: TalkServices,
  call: CallAttempt,
  turn: number,
  heard: Heard | null,
  before: readonly string[] = [],
  listener?: Listener,
): Promise<StoredReply | null> {
  const claimed = await claimTurn(services, call, turn, heard);
  if (claimed.kind === 'known') return claimed.reply;
  if (claimed.kind === 'busy') return null;
  if (claimed.kind === 'over') return over;
  try {
    return await compute(services, call, turn, claimed, { before, listener });
  } catch (error) {
    await releaseTurn(services, call, claimed.claim);
    throw error;
  }
}

/** Null if the claim was lost meanwhile, or the server stops. */
async function compute(
  services: TalkServices,
  call: CallAttempt,
  turn: number,
  { row, claim, heard }: { row: TalkRow; claim: string; heard: Heard },
  { before, listener }: { before: readonly string[]; listener: Listener | undefined },
): Promise<StoredReply | null> {
  const deadline = turnDeadline(services);
  try {
    const found = await findRunOfAttempt(services.storage.read, call);
    if (found === undefined) throw new Error(`There is no run ${String(call.runId)} with this attempt`);
    const run = heard.kind === 'opening' ? await withFetchedContext(services, found) : found;
    const talk = await loadTalk(services, run);
    const events: StampedEvent[] = [];
    const callKey = `run-${String(call.runId)}-${String(call.attempt)}`;
    const ports = { ...talkPorts(services, callKey, talk, events, deadline.signal), ...listener };
    const result = await computeTurn(talk.script, JSON.parse(row.state) as TalkState, heard, ports);
    // A server that stops sends no more requests. Another process computes this turn.
    if (services.carrier.isClosed && result.usage.length === 0 && events.some(isFault)) {
      await releaseTurn(services, call, claim);
      return null;
    }
    const reply = replyOf(result, talk, before);
    const saved = await save(services, call, turn, {
      ...{ claim, row, started: run, heard, result, reply, events, talk },
    });
    if (saved === 'lost') return null;
    if (saved === 'over') return over;
    // A transfer by rules waits for the values.
    const isAwaited = typeof result.then === 'object' && 'transferBy' in result.then;
    if (result.extractions.length > 0 && !isAwaited) extractInBackground(services, call);
    return reply;
  } finally {
    deadline.stop();
  }
}

function isFault({ type }: StampedEvent): boolean {
  return type === 'rtf-pipeline-error';
}

function replyOf({ say, then, state }: TurnResult, { script }: Talk, before: readonly string[]): StoredReply {
  const reply = { say: [...before, ...say], then };
  if (then !== 'listen') return reply;
  const node = state.nodeId === null ? undefined : findNode(script.definition, state.nodeId);
  return { ...reply, ...(node?.data.allow_interrupt === true ? { isInterruptible: true } : {}) };
}

/** @param callKey begins the idempotency keys of its tools' requests. */
export function talkPorts(
  { clock, chance, log }: Pick<Services, 'clock' | 'chance' | 'log'>,
  callKey: string,
  { model, tools }: Talk,
  events: StampedEvent[],
  signal: AbortSignal,
): Ports {
  return {
    model,
    tools: {
      run: (tool, args, context, key) =>
        within(signal, tools.run(tool, args, context, `${callKey}-${key}`), noTime),
    },
    newId: () => `call_${chance.uuid()}`,
    onEvent(event) {
      events.push({ ...event, at: clock.now() });
    },
    // Without a listener no `whenLate`: a filler would come together with the reply.
    signal,
    onFault(error) {
      log.error(
        { talk: callKey, error: describeError(error) },
        'the model of a conversation could not be asked',
      );
    },
  };
}

/**
 * @returns `lost` if another process has the turn; `over` if the call has ended. Its results then count as long as they are
 * awaited, but nothing more was said.
 */
function save(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  { runId, attempt }: CallAttempt,
  turn: number,
  computed: {
    claim: string;
    row: TalkRow;
    /** The run as it was before the turn. */
    started: RunRow;
    heard: Heard;
    result: TurnResult;
    reply: StoredReply;
    events: StampedEvent[];
    talk: Talk;
  },
): Promise<'saved' | 'lost' | 'over'> {
  const { claim, row: before, started, heard, result, reply, events, talk } = computed;
  return storage.write(async (session) => {
    await session.lock('run', runId);
    const run = await findRunState(session, runId);
    if (run?.attempt !== attempt || !mayHaveResults(run)) return 'over';
    const isOver = run.completed_at !== null;
    const row = await talkQuery.first(session, { runId, attempt });
    if (row?.claim !== claim) return 'lost';
    const meanwhile = extractedMeanwhile(before, row);
    const gathered = withExtracted(result.state.gathered, meanwhile.values);
    const pending = onePerNode([...(JSON.parse(row.pending) as ExtractionTask[]), ...result.extractions]);
    await saveTurnQuery.changes(session, {
      runId,
      attempt,
      claim,
      next: turn + 1,
      state: JSON.stringify({ ...result.state, gathered, tokens: result.state.tokens + meanwhile.tokens }),
      pending: JSON.stringify(pending),
      reply: JSON.stringify(reply),
    });
    if (turn === 0) await addToContext(session, started, talk.runtime);
    if (heard.kind === 'interrupted') await cutLastWords(session, runId, heard.spoken);
    const { usage } = result;
    const logged = isOver ? events.filter(({ type }) => type !== 'rtf-bot-text') : events;
    const results = { turn: turn + 1, events: logged, gathered, usage, processor: talk.processor };
    await writeResults(session, run, results, clock.now());
    return isOver ? 'over' : 'saved';
  });
}

/** Values of earlier nodes may have been extracted while a turn was computed. */
function extractedMeanwhile(before: TalkRow, now: TalkRow): { values: JsonObject; tokens: number } {
  const known = JSON.parse(before.extracted) as JsonObject;
  const found = Object.entries(JSON.parse(now.extracted) as JsonObject).filter(
    ([name, value]) => JSON.stringify(known[name]) !== JSON.stringify(value),
  );
  const tokens = tokensOf(now) - tokensOf(before);
  return { values: Object.fromEntries(found), tokens };
}

function tokensOf({ state }: TalkRow): number {
  return (JSON.parse(state) as TalkState).tokens;
}

/** The last task of each node: it sees the whole conversation until then, and its values would replace earlier ones. */
function onePerNode(tasks: readonly ExtractionTask[]): ExtractionTask[] {
  return tasks.filter(({ nodeId }, index) => tasks.findLastIndex((task) => task.nodeId === nodeId) === index);
}
