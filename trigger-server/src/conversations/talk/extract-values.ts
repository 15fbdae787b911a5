/**
 * The values of a conversation: they are extracted while it goes on, each time that a step is left. One process at a
 * time asks the model for them, one request after another, and each answer is saved at once.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import { describeError } from '../../describe-error';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { findRunState, type RunState } from '../../runs/run-state';
import type { WriteSession } from '../../storage/port';
import type { ExtractionTask, TurnResult } from '../engine/script';
import type { TalkState } from '../engine/state';
import { askValues, faultEvent, withValues } from './ask-values';
import { claimOf, isHeld } from './claim';
import { mayHaveResults, writeResults, type StampedEvent } from './results';
import { loadTalk, type Talk } from './script';
import { claimValuesQuery, releaseValuesQuery, saveExtractedQuery, talkQuery, type TalkRow } from './store';
import type { TalkServices } from './talk-services';

/** Longer than a request for values may take. */
const claimMilliseconds = 40_000;

/** `busy`: another one extracts them, or will. */
export type Extraction = 'done' | 'busy';

/**
 * Extracts the values of the steps that were left until none is open. What fails is noted in the log of the run, and left
 * out.
 */
export async function extractValues(services: TalkServices, call: CallAttempt): Promise<Extraction> {
  let talk: Talk | null = null;
  for (;;) {
    const claimed = await claimTask(services, call);
    if (typeof claimed === 'string') return claimed;
    const { claim, row, task } = claimed;
    try {
      talk ??= await talkOf(services, call);
      const found = await extract(services, call, talk, JSON.parse(row.state) as TalkState, task);
      // A server that stops sends no more requests. Another process asks for the values.
      if (services.carrier.isClosed && found.usage.length === 0) {
        await release(services, call, claim);
        return 'busy';
      }
      const { processor } = talk;
      await services.storage.write((session) =>
        saveExtracted(services, session, call, { claim, processor, task, found }),
      );
    } catch (error) {
      await release(services, call, claim);
      throw error;
    }
  }
}

/** Extracts the values beside the conversation, which does not wait for them. */
export function extractInBackground(services: TalkServices, call: CallAttempt): void {
  const work = async () => {
    await extractValues(services, call);
  };
  services.background.begin('values could not be extracted', work, { runId: call.runId });
}

async function release({ storage }: TalkServices, call: CallAttempt, claim: string): Promise<void> {
  const { runId, attempt } = call;
  await storage.write((session) => releaseValuesQuery.changes(session, { runId, attempt, claim }));
}

async function talkOf(services: TalkServices, call: CallAttempt): Promise<Talk> {
  const run = await findRunOfAttempt(services.storage.read, call);
  if (run === undefined) throw new Error(`There is no run ${String(call.runId)} with this attempt`);
  return loadTalk(services, run);
}

interface Task {
  claim: string;
  row: TalkRow;
  task: ExtractionTask;
}

/** Takes the first task. `done`: there is none, or its values would come too late. */
function claimTask(services: TalkServices, { runId, attempt }: CallAttempt): Promise<Task | Extraction> {
  const claim = services.chance.uuid();
  const at = { runId, attempt };
  return services.storage.write(async (session) => {
    await session.lock('run', runId);
    const row = await talkQuery.first(session, at);
    const [task] = JSON.parse(row?.pending ?? '[]') as ExtractionTask[];
    if (row === undefined || task === undefined) return 'done';
    if ((await openRun(session, at)) === null) return 'done';
    const held = { claimedBy: row.values_claimed_by, claimedUntil: row.values_claimed_until };
    if (row.values_claim !== null && (await isHeld(services, session, held))) return 'busy';
    await claimValuesQuery.changes(session, { ...at, claim, ...claimOf(services, claimMilliseconds) });
    return { claim, row, task };
  });
}

/** @param session under the run's lock. @returns null once the run is complete, or at another attempt. */
async function openRun(session: WriteSession, { runId, attempt }: CallAttempt): Promise<RunState | null> {
  const run = await findRunState(session, runId);
  return run?.attempt === attempt && mayHaveResults(run) ? run : null;
}

interface Extracted {
  values: JsonObject;
  events: StampedEvent[];
  usage: TurnResult['usage'];
}

async function extract(
  { clock, log }: Pick<TalkServices, 'clock' | 'log'>,
  { runId }: CallAttempt,
  talk: Talk,
  state: TalkState,
  task: ExtractionTask,
): Promise<Extracted> {
  const { values, usage, faults } = await askValues(talk, state, task, (error) => {
    log.error({ runId, error: describeError(error) }, 'values could not be extracted');
  });
  const events = faults.map((error) => faultEvent(error, task.nodeId, clock.now()));
  return { values, usage, events };
}

/** Saves nothing if the claim was lost, or the call has ended. */
async function saveExtracted(
  { clock }: Pick<TalkServices, 'clock'>,
  session: WriteSession,
  call: CallAttempt,
  {
    claim,
    processor,
    task,
    found,
  }: { claim: string; processor: string; task: ExtractionTask; found: Extracted },
): Promise<void> {
  const { runId, attempt } = call;
  const { values, events, usage } = found;
  await session.lock('run', runId);
  const row = await talkQuery.first(session, { runId, attempt });
  const run = await openRun(session, call);
  if (row?.values_claim !== claim || run === null) return;
  const pending = (JSON.parse(row.pending) as ExtractionTask[]).filter(
    ({ nodeId, messages }) => nodeId !== task.nodeId || messages !== task.messages,
  );
  const state = withValues(JSON.parse(row.state) as TalkState, found);
  await saveExtractedQuery.changes(session, {
    runId,
    attempt,
    state: JSON.stringify(state),
    extracted: JSON.stringify({ ...(JSON.parse(row.extracted) as JsonObject), ...values }),
    pending: JSON.stringify(pending),
  });
  await writeResults(
    session,
    run,
    { turn: row.turn, events, gathered: state.gathered, usage, processor },
    clock.now(),
  );
}
