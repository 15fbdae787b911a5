/**
 * A turn of a run's conversation. It is computed once, by whichever process is asked; a turn that is asked for again
 * gives the same reply, and asks neither the model nor a tool.
 */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { FromCallee, TalkReply } from '../../carriers/port/talk';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { findRunState } from '../../runs/run-state';
import type { Services } from '../../services';
import { withExtracted } from '../engine/extraction';
import type { Heard } from '../engine/port';
import type { ExtractionTask, Ports, TurnResult } from '../engine/script';
import type { TalkState } from '../engine/state';
import { turn as computeTurn } from '../engine/turn';
import { withFetchedContext } from '../tools/pre-call-fetch';
import { claimTurn, releaseTurn } from './claim';
import { writeResults, type StampedEvent } from './results';
import { loadTalk, type Talk } from './script';
import { saveTurnQuery, talkQuery, type TalkRow } from './store';

export type TalkServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'thisProcess' | 'secrets' | 'carrier' | 'languageModel' | 'log'
>;

/** When the first words of the model count as late. */
const patienceMilliseconds = 2500;
/** How often another process is asked whether it has computed the turn, and for how long. */
const askMilliseconds = 200;
const mostAsked = 100;

/** Nothing is said any more, because the call has ended. */
const over: TalkReply = { say: [], then: 'hang_up' };

/**
 * @param turn 0 is the opening.
 * @throws Error for an unknown run, a turn before which others are missing, and where another process computes this turn and does not come to an end.
 */
export async function takeTurn(
  services: TalkServices,
  call: CallAttempt,
  turn: number,
  heard: FromCallee,
): Promise<TalkReply> {
  for (let asked = 0; asked < mostAsked; asked += 1) {
    const claimed = await claimTurn(services, call, turn);
    if (claimed.kind === 'known') return claimed.reply;
    if (claimed.kind === 'claimed') {
      const reply = await compute(services, call, turn, heard, claimed);
      if (reply !== null) return reply;
    }
    await pause(services, askMilliseconds);
  }
  throw new Error(`Another process computes turn ${String(turn)} of run ${String(call.runId)}`);
}

/** Null if the claim was lost meanwhile. */
async function compute(
  services: TalkServices,
  call: CallAttempt,
  turn: number,
  heard: Heard,
  { row, claim }: { row: TalkRow; claim: string },
): Promise<TalkReply | null> {
  try {
    const found = await findRunOfAttempt(services.storage.read, call);
    if (found === undefined) throw new Error(`There is no run ${String(call.runId)} with this attempt`);
    const run = turn === 0 ? await withFetchedContext(services, found) : found;
    const talk = await loadTalk(services, run);
    const events: StampedEvent[] = [];
    const ports = portsOf(services, call, talk, events);
    const result = await computeTurn(talk.script, JSON.parse(row.state) as TalkState, heard, ports);
    const reply: TalkReply = {
      say: result.say,
      then: result.then === 'listen' ? 'listen' : 'hang_up',
    };
    const saved = await save(services, call, turn, { claim, result, reply, events, talk });
    return saved === 'lost' ? null : saved === 'over' ? over : reply;
  } finally {
    await releaseTurn(services, call, claim);
  }
}

function portsOf(
  { clock, chance }: Pick<Services, 'clock' | 'chance'>,
  { runId, attempt }: CallAttempt,
  { model, tools }: Talk,
  events: StampedEvent[],
): Ports {
  return {
    model,
    tools: {
      run: (tool, args, context, key) =>
        tools.run(tool, args, context, `run-${String(runId)}-${String(attempt)}-${key}`),
    },
    newId: () => `call_${chance.uuid()}`,
    onEvent(event) {
      events.push({ ...event, at: clock.now() });
    },
    whenLate: (callback) => clock.after(patienceMilliseconds, callback),
  };
}

/** @returns `lost` if another process has the turn; `over` if the call has ended: its words are then not logged as said. */
function save(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  { runId, attempt }: CallAttempt,
  turn: number,
  computed: { claim: string; result: TurnResult; reply: TalkReply; events: StampedEvent[]; talk: Talk },
): Promise<'saved' | 'lost' | 'over'> {
  const { claim, result, reply, events, talk } = computed;
  return storage.write(async (session) => {
    await session.lock('run', runId);
    const run = await findRunState(session, runId);
    if (run?.attempt !== attempt || run.completed_at !== null) return 'over';
    const row = await talkQuery.first(session, { runId, attempt });
    if (row?.claim !== claim) return 'lost';
    // Values of earlier nodes may have been extracted while this turn was computed.
    const extracted = JSON.parse(row.extracted) as TalkState['gathered'];
    const gathered = withExtracted(result.state.gathered, extracted);
    const pending = onePerNode([...(JSON.parse(row.pending) as ExtractionTask[]), ...result.extractions]);
    await saveTurnQuery.changes(session, {
      runId,
      attempt,
      claim,
      next: turn + 1,
      state: JSON.stringify({ ...result.state, gathered }),
      pending: JSON.stringify(pending),
      reply: JSON.stringify(reply),
    });
    const { usage } = result;
    const results = { turn: turn + 1, events, gathered, usage, processor: talk.processor };
    await writeResults(session, run, results, clock.now());
    return 'saved';
  });
}

/** The last task of each node: it sees the whole conversation until then, and its values would replace earlier ones. */
function onePerNode(tasks: readonly ExtractionTask[]): ExtractionTask[] {
  return tasks.filter(({ nodeId }, index) => tasks.findLastIndex((task) => task.nodeId === nodeId) === index);
}

function pause({ clock }: Pick<Services, 'clock'>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve);
  });
}
