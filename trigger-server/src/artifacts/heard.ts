/**
 * How much of a speech was heard that a carrier began and did not report as spoken to its end. It is estimated when the
 * call is over, and what was not heard is taken out of the run's log and so out of its transcript.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import { outcomes } from '../carriers/port/outcomes';
import { correctRunEvents, listRunEvents, type RunEvent } from '../runs/run-log';
import type { RunState } from '../runs/run-state';
import { isAnnouncementHeard } from '../runs/transitions';
import type { Session } from '../storage/port';
import { heardPart, isUtterance } from './transcript';

/**
 * 150 words a minute, of five letters and a space each. Carriers' voices have no standard speed:
 * https://docs.aws.amazon.com/polly/latest/dg/voice-speed-vip.html. For the estimate from letters and words:
 * https://learn.microsoft.com/en-us/answers/questions/530697/need-to-limit-the-audio-time-using-azure-text-to-s
 */
const lettersPerSecond = 15;

/** Of Chinese, Japanese and Korean: each is a syllable or more, of which about five to eight are spoken a second. */
const syllable = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const lettersInSyllable = 3;

/** Estimates how long a text takes to speak, in seconds. */
export function speechSeconds(text: string): number {
  const syllables = text.match(syllable)?.length ?? 0;
  return (text.length + syllables * (lettersInSyllable - 1)) / lettersPerSecond;
}

/** Whether all speech of an ended call is known to have been heard to its end. The agent hangs up only after that. */
function isAllHeard(run: RunState): boolean {
  return isGreetingHeard(run) && (run.message_state === null || run.message_state === 'left');
}

/**
 * Cuts the speech in the log of an ended call to the words that were heard.
 * @returns whether any speech is left in it.
 */
export async function cutSpeech(session: Session, run: RunState): Promise<boolean> {
  let isAnyLeft = false;
  await correctRunEvents(session, run.id, (event, all) => {
    const heard = heardOf(run, event, all);
    if (heard !== null && isSpeech(heard)) isAnyLeft = true;
    return heard;
  });
  return isAnyLeft;
}

/**
 * Cuts the speech of an attempt that is followed by another one. What the next one says does not change it any more.
 */
export async function freezeSpeech(session: Session, run: RunState): Promise<void> {
  if (run.has_transcript === 0) return;
  await correctRunEvents(session, run.id, (event, all) => {
    const heard = heardOf(run, event, all);
    return heard === null ? null : { kind: heard.kind, payload: heard.payload };
  });
}

/** Whether the log of a run has any speech, of whichever attempt. */
export async function hasSpeech(session: Session, runId: number): Promise<boolean> {
  return (await listRunEvents(session, runId)).some(isSpeech);
}

function isSpeech({ payload }: RunEvent): boolean {
  return isUtterance(payload);
}

function heardOf(run: RunState, event: RunEvent, all: readonly RunEvent[]): RunEvent | null {
  const { speech, payload } = event;
  if (speech === undefined) return event;
  const next = all.slice(all.indexOf(event) + 1).find(isSpeech);
  const isWhole = speech.of === 'message' ? run.message_state === 'left' : isGreetingHeard(run);
  const until = next === undefined ? ownSeconds(run) : beginOf(run, next);
  const seconds = isWhole || until === null ? Infinity : until - beginOf(run, event);
  const text = heardPart(speech.text, seconds / speechSeconds(speech.text));
  if (text === '') return null;
  const said: JsonObject = text === speech.text ? { text } : { text, cut: 'estimated' };
  return { ...event, payload: { ...payload, payload: said } };
}

/** How long the current attempt has lasted; null while it is under way. */
function ownSeconds({ call_duration_seconds: seconds, earlier_seconds: earlier }: RunState): number | null {
  return seconds === null ? null : seconds - earlier;
}

function isGreetingHeard(run: RunState): boolean {
  return isAnnouncementHeard(run) || run.disposition === outcomes.agent_hung_up.disposition;
}

/** In seconds after the answer. What was reported late began with the answer, as far as is known. */
function beginOf(
  { answered_at: answeredAt, completed_at: endedAt }: RunState,
  { payload }: RunEvent,
): number {
  const at = typeof payload.timestamp === 'string' ? Date.parse(payload.timestamp) : NaN;
  if (answeredAt === null || (endedAt !== null && at > Date.parse(endedAt))) return 0;
  return Math.max(0, (at - Date.parse(answeredAt)) / 1000);
}

/** What was cut at the end is corrected by later reports, such as one that the message was spoken to its end. */
export function isSpeechToCut(before: RunState, run: RunState): boolean {
  if (run.status !== 'completed' || run.has_transcript === 0) return false;
  return before.completed_at !== null || !isAllHeard(run);
}
