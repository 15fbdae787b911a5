/**
 * The state of a call beyond its run, and how each event of Asterisk changes it. Pure: this file sends no request and
 * writes nothing.
 */
import type { AnsweredCall } from '../../port/call';
import type { Outcome } from '../../port/outcomes';
import { ended, type StatusReport } from '../../port/report';
import { unansweredOutcome } from './statuses';
import type { CallEvent, ChannelEvent, PlaybackEvent } from './events/events';

/** It may be lost with the process. Then the end of the call only has fewer details. */
export interface Track {
  /** Of the run. */
  readonly attempt: number;
  readonly channelId: string;
  readonly ringTimeoutSeconds: number;
  readonly maxCallDurationSeconds: number;
  readonly hasRung: boolean;
  /** The last `dialstatus` of Asterisk's Dial events. */
  readonly dialStatus?: string;
  /** When it entered our application, by Asterisk's clock; null before. */
  readonly answeredAt: string | null;
  /** How long the announcement is, once Asterisk has accepted the order to play it. */
  readonly soundMilliseconds?: number;
  /** When Asterisk began to play it, by its clock. */
  readonly playingSince?: string;
  readonly isHangingUp: boolean;
  /** Asterisk was asked, and had no channel of the call. */
  readonly isMissing: boolean;
  /** When the connection was lost during the call, by the steady clock in milliseconds; null while it is there. */
  readonly lostAt: number | null;
  /** Shortly before the ring timeout, the trunk had not replied to the dial in any way. */
  readonly isTrunkSilent?: boolean;
  /** Why its announcement could not be spoken while it rang. */
  readonly speechError?: string;
  /** Why we ended it ourselves. */
  readonly outcome?: Outcome;
  readonly error?: string;
}

type Limits = Pick<AnsweredCall, 'attempt' | 'ringTimeoutSeconds' | 'maxCallDurationSeconds'>;

/** The step to take after a report is written. */
export type NextStep = 'watch_trunk' | 'announce' | 'hang_up' | 'fail_announcement' | 'forget';

export interface Turn {
  track: Track;
  report?: StatusReport;
  next?: NextStep;
}

/** Tolerance between the two timestamps that measure how long a call lasted, or rang. */
const limitToleranceMilliseconds = 500;

export const unplayable =
  'Asterisk could not play the announcement. Its log says why; it must be able to reach this server.';

export function startTrack(
  channelId: string,
  { attempt, ringTimeoutSeconds, maxCallDurationSeconds }: Limits,
): Track {
  return {
    attempt,
    channelId,
    ringTimeoutSeconds,
    maxCallDurationSeconds,
    hasRung: false,
    answeredAt: null,
    isHangingUp: false,
    isMissing: false,
    lostAt: null,
  };
}

/** Applies an event to the state of a call. */
export function follow(known: Track, event: CallEvent): Turn {
  // Asterisk ends a channel at its limit without a reason.
  const track = hasReachedLimit(known, event) ? endedByUs(known, 'limit_reached') : known;
  const { channelId } = track;
  switch (event.type) {
    case 'ChannelStateChange':
      if (event.channel.state !== 'Ringing') return { track };
      return {
        track: { ...track, hasRung: true },
        report: { status: 'ringing', rawStatus: 'Ringing', callId: channelId },
      };
    case 'Dial':
      if (event.dialstatus === '') return { track, next: 'watch_trunk' };
      return { track: { ...track, dialStatus: event.dialstatus } };
    case 'StasisStart':
      return answered(track, event.timestamp);
    case 'ChannelHangupRequest':
      return { track: { ...track, isHangingUp: true } };
    case 'PlaybackStarted':
      return { track: { ...track, playingSince: event.timestamp } };
    case 'PlaybackFinished':
      return playbackFinished(track, event);
    case 'ChannelTalkingStarted':
    case 'ChannelTalkingFinished':
    case 'RecordingFinished':
    case 'RecordingFailed':
      return { track };
    case 'ChannelDestroyed':
      return { track, report: lastReport(track, event), next: 'forget' };
  }
}

/**
 * Applies an answer. A repeated answer does not start the announcement again. A call that is answered while it is being
 * hung up hears nothing.
 */
export function answered(track: Track, at: string): Turn {
  const report: StatusReport = { status: 'answered', rawStatus: 'StasisStart', callId: track.channelId };
  const turn = { track: { ...track, answeredAt: at }, report };
  if (track.answeredAt !== null) return turn;
  return { ...turn, next: track.isHangingUp ? 'hang_up' : 'announce' };
}

/** Asterisk also reports `failed` when the callee hung up during the announcement. */
function playbackFinished(track: Track, { playback, timestamp }: PlaybackEvent): Turn {
  if (playback.state === 'done') return spoken(track);
  return track.isHangingUp
    ? spoken(track, shareHeard(track, timestamp))
    : { track, next: 'fail_announcement' };
}

/**
 * The part of the announcement that was heard until then, 0 to 1; undefined when its beginning is unknown, after a
 * restart of the server. The time of the download counts as heard: Asterisk reports the beginning before it.
 */
function shareHeard({ soundMilliseconds, playingSince }: Track, until: string): number | undefined {
  if (soundMilliseconds === undefined) return undefined;
  if (playingSince === undefined || soundMilliseconds === 0) return 0;
  const heardMilliseconds = Date.parse(until) - Date.parse(playingSince);
  return Math.min(Math.max(heardMilliseconds / soundMilliseconds, 0), 1);
}

/** Applies the end of an announcement. @param share the part of it that was heard, 0 to 1; by default all of it. */
export function spoken(track: Track, share?: number): Turn {
  const report: StatusReport = {
    status: 'answered',
    rawStatus: 'PlaybackFinished',
    callId: track.channelId,
    greetingSpoken: true,
    ...(share === undefined ? {} : { heardShare: share }),
  };
  if (track.isHangingUp) return { track, report };
  return { track: endedByUs(track, 'agent_hung_up'), report, next: 'hang_up' };
}

/** The state of a call that this server ends. @param outcome the reason, if the call has none yet. */
export function endedByUs(track: Track, outcome = track.outcome): Track {
  return { ...track, isHangingUp: true, ...(outcome === undefined ? {} : { outcome }) };
}

/** The raw word contains cause, text and SIP status, e.g. `hangup:17 User busy (SIP 486)`. */
function lastReport(track: Track, event: ChannelEvent): StatusReport {
  const { cause = 0, cause_txt: words = '', tech_cause: sip, channel } = event;
  const { channelId: callId, error } = track;
  const wasAnswered = channel.state === 'Up' || track.answeredAt !== null;
  const sipCode = sip !== undefined && sip >= 300 ? sip : undefined;
  const outcome = wasAnswered
    ? answeredOutcome(track)
    : endedWhileRinging(
        track,
        unansweredOutcome({
          cause,
          sipCode,
          dialStatus: track.dialStatus,
          hasRung: track.hasRung || channel.state === 'Ringing',
          hasTimedOut: hasTimedOut(track, event),
          isTrunkSilent: track.isTrunkSilent === true,
        }),
      );
  const isOurs = wasAnswered || outcome === track.outcome;
  const reason = `${String(cause)} ${words}`.slice(0, 200);
  return {
    ...ended(outcome),
    rawStatus: `hangup:${reason}${sip === undefined ? '' : ` (SIP ${String(sip)})`}`,
    callId,
    carrierReason: reason,
    ...(sipCode === undefined ? {} : { sipCode }),
    ...(error === undefined || !isOurs ? {} : { error }),
  };
}

/** What Asterisk reports when we hang up while it rings. A phone that was busy at that moment was so by itself. */
const endedByHangup: ReadonlySet<Outcome> = new Set<Outcome>(['canceled', 'no_answer', 'failed']);

/** @param found the outcome by Asterisk's words. */
function endedWhileRinging({ outcome }: Track, found: Outcome): Outcome {
  return outcome !== undefined && endedByHangup.has(found) ? outcome : found;
}

/** A call that is cancelled while it rings may be answered before it is hung up. */
function answeredOutcome({ outcome = 'talk_ended' }: Track): Outcome {
  return outcome === 'canceled' ? 'canceled_in_talk' : outcome;
}

/** Asterisk ends an unanswered dial by itself, at its ring timeout. */
function hasTimedOut({ ringTimeoutSeconds }: Track, { timestamp, channel }: ChannelEvent): boolean {
  const dialledMilliseconds = Date.parse(timestamp) - Date.parse(channel.creationtime ?? '');
  return dialledMilliseconds >= ringTimeoutSeconds * 1000 - limitToleranceMilliseconds;
}

function hasReachedLimit(
  { answeredAt, maxCallDurationSeconds, isHangingUp }: Track,
  event: CallEvent,
): boolean {
  if (answeredAt === null || isHangingUp) return false;
  const talkedMilliseconds = Date.parse(event.timestamp) - Date.parse(answeredAt);
  return talkedMilliseconds >= maxCallDurationSeconds * 1000 - limitToleranceMilliseconds;
}
