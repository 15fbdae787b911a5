/** What is known of a call beyond its run, and what each event of Asterisk makes of it. Pure: nobody is asked or told here. */
import type { StatusReport } from '../../port/report';
import { endingOf } from './statuses';
import type { AriEvent, ChannelEvent, PlaybackEvent } from './events';

export type CallEvent = Exclude<AriEvent, { type: 'ApplicationReplaced' }>;

/** It may be lost with the process: then a call only ends less eloquently. */
export interface Track {
  readonly channelId: string;
  readonly maxCallDurationSeconds: number;
  /** When it entered our application, by Asterisk's clock; null before. */
  readonly answeredAt: string | null;
  /** Asterisk has taken the order to play the announcement. */
  readonly isAnnounced: boolean;
  readonly isHangingUp: boolean;
  /** Asterisk was asked, and knew no channel of it. */
  readonly isMissing: boolean;
  /** Why we ended it ourselves. */
  readonly disposition?: string;
  readonly error?: string;
}

/** What has to be done after a report is written. */
export type NextStep = 'announce' | 'hang_up' | 'fail_announcement' | 'forget';

export interface Turn {
  track: Track;
  report?: StatusReport;
  next?: NextStep;
}

/** Between the two timestamps that tell how long a call lasted. */
const limitToleranceMilliseconds = 500;

export const unplayable =
  'Asterisk could not play the announcement. Its log says why; it must be able to reach this server.';

export function startTrack(channelId: string, maxCallDurationSeconds: number): Track {
  return {
    channelId,
    maxCallDurationSeconds,
    answeredAt: null,
    isAnnounced: false,
    isHangingUp: false,
    isMissing: false,
  };
}

/** What an event makes of a call. */
export function follow(known: Track, event: CallEvent): Turn {
  // Asterisk ends a channel at its limit without a word of why.
  const track = hasReachedLimit(known, event) ? endedByUs(known, 'call_duration_exceeded') : known;
  const { channelId } = track;
  switch (event.type) {
    case 'ChannelStateChange':
      if (event.channel.state !== 'Ringing') return { track };
      return { track, report: { status: 'ringing', rawStatus: 'Ringing', callId: channelId } };
    case 'StasisStart':
      return answered(track, event.timestamp);
    case 'ChannelHangupRequest':
      return { track: { ...track, isHangingUp: true } };
    case 'PlaybackFinished':
      return isHeard(event, track) ? spoken(track) : { track, next: 'fail_announcement' };
    case 'ChannelDestroyed':
      return { track, report: lastReport(track, event), next: 'forget' };
  }
}

/** A call that was answered: a repeat of that news announces nothing again. */
export function answered(track: Track, at: string): Turn {
  const report: StatusReport = { status: 'answered', rawStatus: 'StasisStart', callId: track.channelId };
  const turn = { track: { ...track, answeredAt: at }, report };
  return track.answeredAt === null ? { ...turn, next: 'announce' } : turn;
}

/** An announcement that was heard. `PlaybackStarted` says nothing: it comes before Asterisk has fetched the sound. */
export function spoken(track: Track): Turn {
  const report: StatusReport = {
    status: 'answered',
    rawStatus: 'PlaybackFinished',
    callId: track.channelId,
    greetingSpoken: true,
  };
  if (track.isHangingUp) return { track, report };
  return { track: endedByUs(track, 'end_call_tool'), report, next: 'hang_up' };
}

/** A call that this server ends. @param disposition why, where the call itself does not say. */
export function endedByUs(track: Track, disposition = track.disposition): Track {
  return { ...track, isHangingUp: true, ...(disposition === undefined ? {} : { disposition }) };
}

/** Asterisk says `failed` also when the one who was called hung up in the middle of it. */
function isHeard({ playback }: PlaybackEvent, track: Track): boolean {
  return playback.state === 'done' || track.isHangingUp;
}

/** The raw word holds cause, text and SIP status, e.g. `hangup:17 User busy (SIP 486)`. */
function lastReport(track: Track, event: ChannelEvent): StatusReport {
  const { cause = 0, cause_txt: words = '', tech_cause: sipStatus, channel } = event;
  const { channelId: callId, disposition, error } = track;
  const sip = sipStatus === undefined ? '' : ` (SIP ${String(sipStatus)})`;
  const rawStatus = `hangup:${String(cause)} ${words}${sip}`.slice(0, 200);
  const facts = { rawStatus, callId, ...(error === undefined ? {} : { gathered: { error } }) };
  const wasAnswered = channel.state === 'Up';
  if (wasAnswered && error !== undefined) {
    return { ...facts, status: 'failed', disposition: disposition ?? 'pipeline_error' };
  }
  const ending = endingOf({ cause, sipStatus, wasAnswered });
  const isOurs = ending.status === 'completed' && disposition !== undefined;
  return { ...facts, ...ending, ...(isOurs && { disposition }) };
}

function hasReachedLimit(
  { answeredAt, maxCallDurationSeconds, isHangingUp }: Track,
  event: CallEvent,
): boolean {
  if (answeredAt === null || isHangingUp) return false;
  const talkedMilliseconds = Date.parse(event.timestamp) - Date.parse(answeredAt);
  return talkedMilliseconds >= maxCallDurationSeconds * 1000 - limitToleranceMilliseconds;
}
