/** What Asterisk's events mean to the runs of one configuration, and what Asterisk is told to do about them. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { AnsweredCall, ProviderHost, StatusReport, UnfinishedCall } from '../../provider';
import { channelIdOf, runIdOf } from './channel-id';
import type { AriConfiguration } from './configuration';
import { endingOf } from './endings';
import { channelIdIn, type AriEvent, type ChannelEvent, type PlaybackEvent } from './events';
import { askStatus, hangUp, isPlaying, limitCall, play } from './request';

export interface CallFollower {
  take(event: CallEvent): void;
  /** After every connection: looks after the calls that went on while nobody listened. */
  catchUp(): void;
  stop(): void;
}

type CallEvent = Exclude<AriEvent, { type: 'ApplicationReplaced' }>;

/** What is known about a call beyond its run. It may be lost with the process: then a call only ends less eloquently. */
interface Track {
  channelId: string;
  /** When it entered our application, by Asterisk's clock. */
  answeredAt?: string;
  maxCallDurationSeconds: number;
  /** Asterisk has taken the order to play the announcement. */
  isAnnounced: boolean;
  isHangingUp: boolean;
  /** Why we ended it ourselves. */
  disposition?: string;
  error?: string;
}

/** How long the event of a channel's end may take to overtake the news that the channel is gone. */
const lastEventMilliseconds = 2000;
/** For a call that no event was heard of: longer than a dial may take, so that none under way is given up. */
const dialMilliseconds = 20_000;

/** Between the two timestamps that tell how long a call lasted. */
const limitToleranceMilliseconds = 500;

const unplayable =
  'Asterisk could not play the announcement. Its log says why; it must be able to reach this server.';

export function followCalls(
  configurationId: number,
  configuration: AriConfiguration,
  host: ProviderHost,
): CallFollower {
  const tracks = new Map<number, Track>();
  /** The end of each run's queue: one event after the other, whatever an event sets off. */
  const queues = new Map<number, Promise<void>>();
  let isStopped = false;

  const enqueue = (runId: number, task: () => Promise<void>) => {
    const turn = async () => {
      if (isStopped) return;
      try {
        await task();
      } catch (error) {
        host.log.error({ runId, error: describeError(error) }, 'an event of Asterisk could not be followed');
      }
    };
    const tail = (queues.get(runId) ?? Promise.resolve()).then(turn).then(() => {
      if (queues.get(runId) === tail) queues.delete(runId);
    });
    queues.set(runId, tail);
  };

  /** The call of a run of this very configuration: an Asterisk must not speak for another's. */
  const ownCall = async (runId: number): Promise<AnsweredCall | null> => {
    const call = await host.answeredCall(runId);
    return call?.configurationId === configurationId ? call : null;
  };

  const trackOf = async (runId: number): Promise<Track | null> => {
    const known = tracks.get(runId);
    if (known !== undefined) return known;
    const call = await ownCall(runId);
    if (call === null) return null;
    const { maxCallDurationSeconds } = call;
    const track: Track = {
      channelId: channelIdOf(configuration, runId),
      maxCallDurationSeconds,
      isAnnounced: false,
      isHangingUp: false,
    };
    tracks.set(runId, track);
    return track;
  };

  /** A report that cannot be written is written later: nobody would repeat it. */
  const report = async (runId: number, said: StatusReport): Promise<void> => {
    try {
      await host.report(runId, [said]);
    } catch (error) {
      const stuck = 'a report of Asterisk could not be written; it is tried again';
      host.log.error({ runId, error: describeError(error) }, stuck);
      retryLater(host, stuck, () => host.report(runId, [said]));
    }
  };

  const endCall = async (track: Track, disposition?: string): Promise<void> => {
    if (disposition !== undefined) track.disposition = disposition;
    track.isHangingUp = true;
    try {
      await hangUp(configuration, track.channelId, host);
    } catch (error) {
      const stuck = 'Asterisk could not be told to hang up; it is told again';
      host.log.error({ error: describeError(error) }, stuck);
      retryLater(host, stuck, async () => {
        await hangUp(configuration, track.channelId, host);
      });
    }
  };

  const announce = async (runId: number, track: Track): Promise<void> => {
    const call = await ownCall(runId);
    if (call?.answer.mode !== 'announce' || call.answer.text.trim() === '') {
      await endCall(track, 'end_call_tool');
      return;
    }
    try {
      await limitCall(configuration, track.channelId, call.maxCallDurationSeconds, host);
    } catch (error) {
      host.log.warn(
        { runId, error: describeError(error) },
        'a call keeps the limit that it was dialled with',
      );
    }
    if (await begin(runId, track, call)) track.isAnnounced = true;
    else await failAnnouncement(runId, track);
  };

  /** Whether the announcement is played. Where Asterisk's answer is lost, it is asked: nobody should listen to silence. */
  const begin = async (runId: number, { channelId }: Track, call: AnsweredCall): Promise<boolean> => {
    try {
      const reply = await play(configuration, channelId, call.callbackUrl('announcement'), host);
      return reply.status === 201;
    } catch (error) {
      host.log.warn({ runId, error: describeError(error) }, 'Asterisk did not answer to an announcement');
    }
    try {
      return (await isPlaying(configuration, channelId, host)) === true;
    } catch {
      // Asterisk is out of reach, and so is the call: its connection tells when it is back.
      return false;
    }
  };

  const failAnnouncement = async (runId: number, track: Track): Promise<void> => {
    host.log.warn({ runId }, 'Asterisk could not play an announcement');
    track.error = unplayable;
    await endCall(track, 'pipeline_error');
  };

  const answered = async (runId: number, track: Track, at: string): Promise<void> => {
    const isRepeated = track.answeredAt !== undefined;
    track.answeredAt = at;
    await report(runId, { status: 'answered', rawStatus: 'StasisStart', callId: track.channelId });
    if (!isRepeated) await announce(runId, track);
  };

  /** `PlaybackStarted` says nothing: it comes before Asterisk has fetched the sound. */
  const spoken = async (runId: number, track: Track): Promise<void> => {
    const rawStatus = 'PlaybackFinished';
    await report(runId, { status: 'answered', rawStatus, callId: track.channelId, greetingSpoken: true });
    if (!track.isHangingUp) await endCall(track, 'end_call_tool');
  };

  const ended = async (runId: number, track: Track, event: ChannelEvent): Promise<void> => {
    tracks.delete(runId);
    await report(runId, {
      ...lastReport(track, event),
      callId: track.channelId,
      ...(track.error === undefined ? {} : { gathered: { error: track.error } }),
    });
  };

  const follow = async (runId: number, event: CallEvent): Promise<void> => {
    const track = await trackOf(runId);
    if (track === null) return;
    if (hasReachedLimit(track, event)) {
      // Asterisk ends a channel at its limit without a word of why.
      track.isHangingUp = true;
      track.disposition = 'call_duration_exceeded';
    }
    switch (event.type) {
      case 'ChannelStateChange':
        if (event.channel.state !== 'Ringing') return;
        return report(runId, { status: 'ringing', rawStatus: 'Ringing', callId: track.channelId });
      case 'StasisStart':
        return answered(runId, track, event.timestamp);
      case 'ChannelHangupRequest':
        track.isHangingUp = true;
        return;
      case 'PlaybackFinished':
        return isHeard(event, track) ? spoken(runId, track) : failAnnouncement(runId, track);
      case 'ChannelDestroyed':
        return ended(runId, track, event);
    }
  };

  const lookAfter = async ({ runId, status }: UnfinishedCall): Promise<void> => {
    const track = await trackOf(runId);
    if (track === null) return;
    const said = await askStatus(configuration, { callId: track.channelId }, host);
    if (said === null) return;
    if (said.status === 'failed') {
      const pause = status === 'initiated' ? dialMilliseconds : lastEventMilliseconds;
      host.clock.after(pause, () => {
        enqueue(runId, () => giveUp(runId, track));
      });
      return;
    }
    if (said.status !== 'answered' || track.isHangingUp) return;
    if (status !== 'answered' && track.answeredAt === undefined) {
      await answered(runId, track, host.clock.now().toISOString());
    } else if ((await isPlaying(configuration, track.channelId, host)) === false) {
      // It was played, or lost with the process that ordered it: nobody should hear it twice.
      if (track.isAnnounced) await spoken(runId, track);
      else await endCall(track);
    }
  };

  /** Asked twice: a dial under way has no channel yet, and the event of an end may be on its way. */
  const giveUp = async (runId: number, track: Track): Promise<void> => {
    const said = await askStatus(configuration, { callId: track.channelId }, host);
    if (said?.status !== 'failed') return;
    tracks.delete(runId);
    await report(runId, said);
  };

  return {
    take(event) {
      const runId = runIdOf(configuration, channelIdIn(event));
      if (runId !== null) enqueue(runId, () => follow(runId, event));
    },
    catchUp() {
      host.unfinishedCalls(configurationId).then(
        (unfinished) => {
          for (const call of unfinished) enqueue(call.runId, () => lookAfter(call));
        },
        (error: unknown) => {
          host.log.error(
            { configurationId, error: describeError(error) },
            'unfinished calls could not be read',
          );
        },
      );
    },
    stop() {
      isStopped = true;
    },
  };
}

/** Asterisk says `failed` also when the one who was called hung up in the middle of it. */
function isHeard({ playback }: PlaybackEvent, track: Track): boolean {
  return playback.state === 'done' || track.isHangingUp;
}

/** The raw word holds cause, text and SIP status, e.g. `hangup:17 User busy (SIP 486)`. */
function lastReport(track: Track, event: ChannelEvent): StatusReport {
  const { cause = 0, cause_txt: words = '', tech_cause: sipStatus, channel } = event;
  const sip = sipStatus === undefined ? '' : ` (SIP ${String(sipStatus)})`;
  const rawStatus = `hangup:${String(cause)} ${words}${sip}`.slice(0, 200);
  const wasAnswered = channel.state === 'Up';
  if (wasAnswered && track.error !== undefined) {
    return { status: 'failed', rawStatus, disposition: track.disposition ?? 'pipeline_error' };
  }
  const ending = endingOf({ cause, sipStatus, wasAnswered });
  if (ending.status !== 'completed') return { ...ending, rawStatus };
  const { disposition } = track;
  return { ...ending, rawStatus, ...(disposition === undefined ? {} : { disposition }) };
}

function hasReachedLimit(
  { answeredAt, maxCallDurationSeconds, isHangingUp }: Track,
  event: CallEvent,
): boolean {
  if (answeredAt === undefined || isHangingUp) return false;
  const talkedMilliseconds = Date.parse(event.timestamp) - Date.parse(answeredAt);
  return talkedMilliseconds >= maxCallDurationSeconds * 1000 - limitToleranceMilliseconds;
}
