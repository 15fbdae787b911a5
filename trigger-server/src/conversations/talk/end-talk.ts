/** The values of a conversation, which are extracted after its turns, and its end. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallAttempt } from '../../carriers/port/call-name';
import type { TalkEnd } from '../../carriers/port/talk';
import { describeError } from '../../describe-error';
import { findRunOfAttempt } from '../../runs/attempts/attempts';
import { findRunState } from '../../runs/run-state';
import { concluded } from '../engine/endings';
import { extractedValues, extractionRequest, withExtracted } from '../engine/extraction';
import { ModelFailure } from '../engine/port';
import type { ExtractionTask, TurnResult } from '../engine/script';
import type { TalkState } from '../engine/state';
import { writeResults, type StampedEvent } from './results';
import { loadTalk, type Talk } from './script';
import { saveExtractedQuery, talkQuery } from './store';
import type { TalkServices } from './take-turn';

/**
 * Extracts the values of the nodes that were left. What fails is noted in the log of the run, and left out.
 * @throws Error for an unknown run.
 */
export async function extractValues(services: TalkServices, call: CallAttempt): Promise<void> {
  const { runId, attempt } = call;
  const row = await talkQuery.first(services.storage.read, { runId, attempt });
  const tasks = JSON.parse(row?.pending ?? '[]') as ExtractionTask[];
  if (row === undefined || tasks.length === 0) return;
  const run = await findRunOfAttempt(services.storage.read, call);
  if (run === undefined) throw new Error(`There is no run ${String(runId)} with this attempt`);
  const talk = await loadTalk(services, run);
  const state = JSON.parse(row.state) as TalkState;
  const found = await Promise.all(tasks.map((task) => extract(services, talk, state, task)));
  await services.storage.write((session) => saveExtracted(services, session, call, { talk, tasks, found }));
}

interface Extracted {
  values: JsonObject;
  events: StampedEvent[];
  usage: TurnResult['usage'];
}

async function extract(
  { clock, log }: Pick<TalkServices, 'clock' | 'log'>,
  { script, model }: Talk,
  { messages }: TalkState,
  task: ExtractionTask,
): Promise<Extracted> {
  try {
    const reply = await model.reply(extractionRequest(script, task, messages));
    const values = extractedValues(script, task, reply.text);
    return { values, events: [], usage: [{ ...reply.usage, model: reply.model }] };
  } catch (error) {
    const isKnown = error instanceof ModelFailure || error instanceof RangeError;
    if (!isKnown) log.error({ error: describeError(error) }, 'values could not be extracted');
    const reason = isKnown ? error.message : 'the language model failed';
    const payload = {
      error: `The values of a step could not be extracted: ${reason}`,
      fatal: false,
      processor: 'LLM',
    };
    const event = { type: 'rtf-pipeline-error', payload, nodeId: task.nodeId, nodeName: null };
    return { values: {}, events: [{ ...event, at: clock.now() }], usage: [] };
  }
}

/** Does nothing if another process has extracted them. */
async function saveExtracted(
  { clock }: Pick<TalkServices, 'clock'>,
  session: Parameters<Parameters<TalkServices['storage']['write']>[0]>[0],
  { runId, attempt }: CallAttempt,
  { talk, tasks, found }: { talk: Talk; tasks: readonly ExtractionTask[]; found: readonly Extracted[] },
): Promise<void> {
  await session.lock('run', runId);
  const row = await talkQuery.first(session, { runId, attempt });
  const run = await findRunState(session, runId);
  if (row === undefined || run?.attempt !== attempt || run.completed_at !== null) return;
  const pending = JSON.parse(row.pending) as ExtractionTask[];
  // They are done in order, so those that this process has begun are the first ones, unless another one was faster.
  if (JSON.stringify(pending.slice(0, tasks.length)) !== JSON.stringify(tasks)) return;
  const values = Object.assign({}, ...found.map((one) => one.values)) as JsonObject;
  const state = JSON.parse(row.state) as TalkState;
  const gathered = withExtracted(state.gathered, values);
  await saveExtractedQuery.changes(session, {
    runId,
    attempt,
    state: JSON.stringify({ ...state, gathered }),
    extracted: JSON.stringify({ ...(JSON.parse(row.extracted) as JsonObject), ...values }),
    pending: JSON.stringify(pending.slice(tasks.length)),
  });
  const events = found.flatMap((one) => one.events);
  const usage = found.flatMap((one) => one.usage);
  const results = { turn: row.turn, events, gathered, usage, processor: talk.processor };
  await writeResults(session, run, results, clock.now());
}

/**
 * The end of a conversation, with every value that could be extracted. It changes nothing, so it can be asked for again.
 * @throws Error for a conversation that goes on.
 */
export async function endTalk(services: TalkServices, call: CallAttempt): Promise<TalkEnd> {
  await extractValues(services, call);
  const { runId, attempt } = call;
  const row = await talkQuery.first(services.storage.read, { runId, attempt });
  const state = row === undefined ? null : (JSON.parse(row.state) as TalkState);
  if (state === null || state.ended === null) {
    throw new Error(`The conversation of run ${String(runId)} has not ended`);
  }
  const gathered = concluded(state);
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
    hungUpBy: state.ended === 'user_hangup' ? 'callee' : 'agent',
    error: state.ended === 'pipeline_error' ? 'The language model failed in several turns in a row' : null,
  };
}
