/** The values of a conversation, which are extracted after its turns, and its end. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import type { TalkEnd } from '../../carriers/port/talk';
import { describeError } from '../../describe-error';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { findRunState } from '../../runs/run-state';
import { concluded } from '../engine/endings';
import { askValues } from './ask-values';
import { withExtracted } from '../engine/extraction';
import type { ExtractionTask, TurnResult } from '../engine/script';
import { newTalk, type TalkState } from '../engine/state';
import { writeResults, type StampedEvent } from './results';
import { loadTalk, type Talk } from './script';
import { saveExtractedQuery, talkQuery } from './store';
import type { TalkServices } from './take-turn';

/**
 * Extracts the values of the nodes that were left: one request after another, each saved at once. What fails is noted in
 * the log of the run, and left out.
 * @throws Error for an unknown run.
 */
export async function extractValues(services: TalkServices, call: CallAttempt): Promise<void> {
  const { runId, attempt } = call;
  let talk: Talk | null = null;
  for (;;) {
    const row = await talkQuery.first(services.storage.read, { runId, attempt });
    const [task] = JSON.parse(row?.pending ?? '[]') as ExtractionTask[];
    if (row === undefined || task === undefined) return;
    talk ??= await talkOf(services, call);
    const found = await extract(services, talk, JSON.parse(row.state) as TalkState, task);
    const { processor } = talk;
    const isOpen = await services.storage.write((session) =>
      saveExtracted(services, session, call, { processor, task, found }),
    );
    if (!isOpen) return;
  }
}

async function talkOf(services: TalkServices, call: CallAttempt): Promise<Talk> {
  const run = await findRunOfAttempt(services.storage.read, call);
  if (run === undefined) throw new Error(`There is no run ${String(call.runId)} with this attempt`);
  return loadTalk(services, run);
}

interface Extracted {
  values: JsonObject;
  events: StampedEvent[];
  usage: TurnResult['usage'];
}

async function extract(
  { clock, log }: Pick<TalkServices, 'clock' | 'log'>,
  talk: Talk,
  state: TalkState,
  task: ExtractionTask,
): Promise<Extracted> {
  const { values, usage, faults } = await askValues(talk, state, task, (error) => {
    log.error({ error: describeError(error) }, 'values could not be extracted');
  });
  const events = faults.map((error): StampedEvent => ({
    type: 'rtf-pipeline-error',
    payload: { error, fatal: false, processor: 'LLM' },
    nodeId: task.nodeId,
    nodeName: null,
    at: clock.now(),
  }));
  return { values, usage, events };
}

/** Saves nothing if another process has done the task. @returns false once the call has ended. */
async function saveExtracted(
  { clock }: Pick<TalkServices, 'clock'>,
  session: Parameters<Parameters<TalkServices['storage']['write']>[0]>[0],
  { runId, attempt }: CallAttempt,
  { processor, task, found }: { processor: string; task: ExtractionTask; found: Extracted },
): Promise<boolean> {
  const { values, events, usage } = found;
  await session.lock('run', runId);
  const row = await talkQuery.first(session, { runId, attempt });
  const run = await findRunState(session, runId);
  if (row === undefined || run?.attempt !== attempt || run.completed_at !== null) return false;
  const [first, ...pending] = JSON.parse(row.pending) as ExtractionTask[];
  if (JSON.stringify(first) !== JSON.stringify(task)) return true;
  const state = JSON.parse(row.state) as TalkState;
  const gathered = withExtracted(state.gathered, values);
  const used = usage.reduce(
    (sum, { promptTokens, completionTokens }) => sum + promptTokens + completionTokens,
    0,
  );
  await saveExtractedQuery.changes(session, {
    runId,
    attempt,
    state: JSON.stringify({ ...state, gathered, tokens: state.tokens + used }),
    extracted: JSON.stringify({ ...(JSON.parse(row.extracted) as JsonObject), ...values }),
    pending: JSON.stringify(pending),
  });
  await writeResults(session, run, { turn: row.turn, events, gathered, usage, processor }, clock.now());
  return true;
}

/**
 * The end of a conversation, with every value that could be extracted. It changes nothing, so it can be asked for again.
 * A conversation that was left without an end has failed: a call must not stay open for it.
 */
export async function endTalk(services: TalkServices, call: CallAttempt): Promise<TalkEnd> {
  await extractValues(services, call);
  const { runId, attempt } = call;
  const row = await talkQuery.first(services.storage.read, { runId, attempt });
  const state = row === undefined ? newTalk() : (JSON.parse(row.state) as TalkState);
  const ended = state.ended ?? 'pipeline_error';
  const gathered = concluded({ ...state, ended });
  const { call_disposition: disposition } = gathered;
  return {
    conversation: {
      disposition: typeof disposition === 'string' ? disposition : null,
      gathered,
      utterances: [],
      omitted: [],
      isWhole: true,
      usage: null,
      cost: null,
    },
    hungUpBy: ended === 'user_hangup' ? 'callee' : 'agent',
    error:
      state.ended === null
        ? 'The conversation stopped without an end'
        : ended === 'pipeline_error'
          ? 'The language model failed in several turns in a row'
          : null,
  };
}
