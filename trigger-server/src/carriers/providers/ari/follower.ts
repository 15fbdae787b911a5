/** Follows the calls of one configuration: it reports what happens at its Asterisk, and sends the next order. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { AnsweredCall, CallReports, UnfinishedCall } from '../../port/call';
import type { CallAttempt } from '../../port/call-name';
import { isConversation } from '../../port/instructions';
import type { StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { callOf, channelIdOf, channelOfLeg, playbackIdOf, type AriConfiguration } from './configuration';
import { channelIdIn, talkEventIn, type CallEvent } from './events/events';
import { limitAnsweredCall, playAnnouncement, surelyHangUp } from './orders';
import { askStatus, hasTrunkReplied, isPlaying } from './requests';
import { sentenceOf, soundOf, spokenInTime } from './speech';
import type { Need } from './sound/queue';
import type { TalkOver } from './talk';
import { Talks } from './talks';
import {
  answered,
  endedByUs,
  follow,
  spoken,
  startTrack,
  unplayable,
  type NextStep,
  type Track,
  type Turn,
} from './tracks';
import { millisecondsOf } from './sound/wav';

/** When Asterisk no longer has a channel, the event of its end may still arrive within this time. */
const lastEventMilliseconds = 2000;
/** For a call without any event. It is longer than a dial may take, so no dial in flight is given up. */
const dialMilliseconds = 20_000;
/** How long before the ring timeout Asterisk is asked whether the trunk has replied. */
const trunkMilliseconds = 1000;
/**
 * How long a call may last beyond its announcement: the time to download the sound and to hang up. If this server can
 * do neither any more, Asterisk then ends the call, and the callee does not wait in silence.
 */
const silenceSeconds = 15;

const unreadable = 'The database of this server did not say what to announce.';
const userRefused = 'Asterisk refused app_name or app_password, so nothing could be played.';

export class CallFollower {
  readonly #tracks = new Map<number, Track>();
  /** The last task of each run's queue. The events of a run, and what they start, are handled one after the other. */
  readonly #queues = new Map<number, Promise<void>>();
  readonly #talks: Talks;
  #isStopped = false;

  constructor(
    private readonly configurationId: number,
    private readonly configuration: AriConfiguration,
    private readonly tools: CarrierTools,
    private readonly reports: CallReports,
    private readonly failures: {
      /** Asterisk refused the user of the configuration. */
      userRefused: () => void;
      /** An announcement could not be spoken. */
      speechFailed: () => void;
    },
  ) {
    this.#talks = new Talks(configuration, tools, reports);
  }

  /** Whether a call was dialled and not answered yet. */
  isAnyPhoneRinging(): boolean {
    return [...this.#tracks.values()].some(({ answeredAt, isMissing }) => answeredAt === null && !isMissing);
  }

  /** The connection was lost. @param at its last sign of life, by the steady clock in milliseconds. */
  lose(at: number): void {
    this.#talks.stopAll();
    for (const [runId, { attempt }] of this.#tracks) {
      void this.#enqueue({ runId, attempt }, (track) => {
        this.#tracks.set(runId, { ...track, lostAt: track.lostAt ?? at });
        return Promise.resolve();
      });
    }
  }

  take(event: CallEvent): void {
    const channelId = channelIdIn(event);
    const transferring = callOf(this.configuration, channelOfLeg(channelId) ?? '');
    if (transferring !== null) this.#talks.takeOfLeg(transferring, channelId, event);
    const call = callOf(this.configuration, channelId);
    if (call === null) return;
    const ofTalk = talkEventIn(event, playbackIdOf(channelIdOf(this.configuration, call)));
    if (ofTalk !== null) {
      this.#talks.take(call, ofTalk);
      return;
    }
    if (event.type === 'ChannelHangupRequest' || event.type === 'ChannelDestroyed') {
      this.#talks.end(call.runId);
    }
    void this.#enqueue(call, async (track) => this.#carryOut(call.runId, follow(track, event)));
  }

  /** After every connection: checks the calls that went on without it. */
  catchUp(): void {
    this.#withUnfinished((unfinished) => {
      for (const call of unfinished) {
        void this.#enqueue(call, async (track) => {
          await this.#lookAfter(call, track);
        });
      }
    });
  }

  /** Ends the calls that nobody has answered. @param error why, in words, for their runs. */
  endRinging(error: string): void {
    this.#withUnfinished((unfinished) => {
      for (const call of unfinished) {
        if (call.status === 'answered') continue;
        void this.#enqueue(call, async (track) => {
          if (track.answeredAt !== null || track.isHangingUp) return;
          await this.#end(call.runId, { ...endedByUs(track, 'canceled'), error });
        });
      }
    });
  }

  /** Forgets the calls whose runs have ended without an event of Asterisk, for example by the watchdog. */
  forgetEnded(): void {
    if (this.#tracks.size === 0) return;
    const known = [...this.#tracks.keys()];
    this.#withUnfinished((unfinished) => {
      const open = new Set(unfinished.map(({ runId }) => runId));
      for (const runId of known) if (!open.has(runId)) this.#tracks.delete(runId);
    });
  }

  #withUnfinished(task: (unfinished: readonly UnfinishedCall[]) => void): void {
    const { configurationId, tools } = this;
    this.reports.unfinishedCalls(configurationId).then(task, (error: unknown) => {
      tools.log.error({ configurationId, error: describeError(error) }, 'unfinished calls could not be read');
    });
  }

  /** Checks a call again, and ends it if Asterisk still has no channel of it. */
  followUp(call: UnfinishedCall): Promise<void> {
    return this.#enqueue(call, async (track) => {
      const said = await this.#lookAfter(call, track);
      if (said === null) return;
      if (said.status !== 'ended') await this.reports.followUpIn(call, null);
      else if (track.isMissing) {
        const report = { ...said, ...this.#lateness(track) };
        await this.#carryOut(call.runId, { track, report, next: 'forget' });
      }
    });
  }

  /** A call that ended without a connection counts until the connection's last sign of life. */
  #lateness({ lostAt }: Track): { lateSeconds?: number } {
    if (lostAt === null) return {};
    return { lateSeconds: (this.tools.clock.steady().getTime() - lostAt) / 1000 };
  }

  stop(): void {
    this.#isStopped = true;
    this.#talks.stopAll();
  }

  /** Runs a task after all earlier tasks of the same call. Does nothing for calls of others. */
  #enqueue(call: CallAttempt, task: (track: Track) => Promise<void>): Promise<void> {
    const { runId } = call;
    const turn = async () => {
      if (this.#isStopped) return;
      try {
        const track = await this.#trackOf(call);
        if (track !== null) await task(track);
      } catch (error) {
        const text = 'an event of Asterisk could not be followed';
        this.tools.log.error({ runId, error: describeError(error) }, text);
      }
    };
    const tail = (this.#queues.get(runId) ?? Promise.resolve()).then(turn).then(() => {
      if (this.#queues.get(runId) === tail) this.#queues.delete(runId);
    });
    this.#queues.set(runId, tail);
    return tail;
  }

  /** Null also for an attempt that is over because the call was placed again. */
  async #trackOf({ runId, attempt }: CallAttempt): Promise<Track | null> {
    const known = this.#tracks.get(runId);
    if (known?.attempt === attempt) return known;
    const call = await this.#ownCall(runId);
    if (call?.attempt !== attempt) return null;
    const track = startTrack(channelIdOf(this.configuration, call), call);
    this.#tracks.set(runId, track);
    this.#speakEarly(call);
    return track;
  }

  /** Speaks while the phone rings. If that fails, the call is ended before anybody answers it. */
  #speakEarly({ runId, attempt, instructions }: AnsweredCall): void {
    soundOf(instructions, this.tools, () => this.#needOf(runId))?.catch((error: unknown) => {
      // Dropped, because the call has ended.
      if (!this.#tracks.has(runId)) return;
      this.failures.speechFailed();
      void this.#enqueue({ runId, attempt }, (track) => this.#endUnspoken(runId, track, unspeakable(error)));
    });
  }

  #needOf(runId: number): Need {
    const track = this.#tracks.get(runId);
    if (track === undefined) return 'none';
    return track.answeredAt === null ? 'later' : 'now';
  }

  /** A call that was answered before a restart of this server may hear its announcement already, and goes on. */
  async #endUnspoken(runId: number, track: Track, speechError: string): Promise<void> {
    if (track.answeredAt !== null || track.isHangingUp) return;
    const failed = { ...track, speechError };
    this.#tracks.set(runId, failed);
    const said = await askStatus(this.configuration, { callId: track.channelId }, this.tools);
    if (said?.status === 'initiated' || said?.status === 'ringing') {
      await this.#failAnnouncement(runId, failed, speechError);
    }
  }

  /**
   * The call of a run of this configuration; null for another's, because an Asterisk must not report on calls of other
   * configurations.
   */
  async #ownCall(runId: number): Promise<AnsweredCall | null> {
    const call = await this.reports.answeredCall(runId);
    return call?.configurationId === this.configurationId ? call : null;
  }

  async #carryOut(runId: number, { track, report, next }: Turn): Promise<void> {
    this.#tracks.set(runId, track);
    if (next === 'forget') this.#tracks.delete(runId);
    if (report !== undefined) await this.#report({ runId, attempt: track.attempt }, report);
    if (next !== undefined) await this.#goOn(runId, track, next);
  }

  async #goOn(runId: number, track: Track, next: NextStep): Promise<void> {
    switch (next) {
      case 'watch_trunk':
        this.#watchTrunk(runId, track);
        return;
      case 'announce':
        return this.#announce(runId, track);
      case 'hang_up':
        return surelyHangUp(this.configuration, track.channelId, this.tools);
      case 'fail_announcement':
        return this.#failAnnouncement(runId, track, unplayable);
      case 'forget':
        return;
    }
  }

  /** A report that cannot be written is written later, because Asterisk does not repeat it. */
  async #report(call: CallAttempt, said: StatusReport): Promise<void> {
    const { tools, reports } = this;
    const { runId } = call;
    try {
      await reports.report(call, [said]);
    } catch (error) {
      const stuck = 'a report of Asterisk could not be written; it is tried again';
      tools.log.error({ runId, error: describeError(error) }, stuck);
      retryLater(tools, stuck, () => reports.report(call, [said]));
    }
  }

  /**
   * Shortly before the ring timeout, Asterisk is asked whether the trunk has replied at all, because the event of the
   * end does not say so. In memory only: if the process ends, the end of the call has fewer details.
   */
  #watchTrunk(runId: number, { attempt, ringTimeoutSeconds }: Track): void {
    const wait = Math.max(ringTimeoutSeconds * 1000 - trunkMilliseconds, trunkMilliseconds / 2);
    this.tools.clock.after(wait, () => {
      if (!this.#tracks.has(runId)) return;
      void this.#enqueue({ runId, attempt }, async (track) => {
        if (track.hasRung || track.answeredAt !== null) return;
        const hasReplied = await hasTrunkReplied(this.configuration, track.channelId, this.tools);
        if (hasReplied === false) this.#tracks.set(runId, { ...track, isTrunkSilent: true });
      });
    });
  }

  async #announce(runId: number, track: Track): Promise<void> {
    let call: AnsweredCall | null;
    try {
      call = await this.#ownCall(runId);
    } catch (error) {
      this.tools.log.error({ runId, error: describeError(error) }, 'an announcement could not be read');
      return this.#failAnnouncement(runId, track, unreadable);
    }
    if (call !== null && isConversation(call.instructions)) {
      const limit = { runId, seconds: call.maxCallDurationSeconds };
      await limitAnsweredCall(this.configuration, track.channelId, limit, this.tools);
      this.#talk(call, track);
      return;
    }
    if (track.speechError !== undefined) return this.#failAnnouncement(runId, track, track.speechError);
    const speaking = call === null ? null : soundOf(call.instructions, this.tools, () => this.#needOf(runId));
    if (call === null || speaking === null) {
      await this.#end(runId, endedByUs(track, 'agent_hung_up'));
      return;
    }
    let soundMilliseconds: number;
    try {
      soundMilliseconds = millisecondsOf(await spokenInTime(speaking, this.tools.clock));
    } catch (error) {
      return this.#failAnnouncement(runId, track, unspeakable(error));
    }
    const longestSeconds = Math.ceil(soundMilliseconds / 1000) + silenceSeconds;
    const announcement = {
      runId,
      wavUrl: call.callbackUrl('answer'),
      limitSeconds: Math.min(call.maxCallDurationSeconds, longestSeconds),
    };
    switch (await playAnnouncement(this.configuration, track.channelId, announcement, this.tools)) {
      case 'played':
        this.#tracks.set(runId, { ...track, soundMilliseconds });
        return;
      case 'gone':
        return this.#end(runId, endedByUs(track));
      case 'refused':
        this.failures.userRefused();
        return this.#failAnnouncement(runId, track, userRefused);
      case 'failed':
        return this.#failAnnouncement(runId, track, unplayable);
    }
  }

  /** Holds its conversation, from where it stands. */
  #talk({ runId, attempt }: CallAttempt, channel: Track): void {
    const call = { runId, attempt };
    this.#talks.hold(call, channel, (end) => {
      void this.#enqueue(call, (track) => this.#endTalk(runId, track, end));
    });
  }

  async #endTalk(runId: number, track: Track, end: TalkOver): Promise<void> {
    if (track.isHangingUp) return;
    if (end.kind === 'hang_up') return this.#end(runId, endedByUs(track, 'agent_hung_up'));
    if (end.kind === 'gone') return this.#end(runId, endedByUs(track));
    if (end.kind === 'failed') return this.#failAnnouncement(runId, track, end.error);
    this.failures.userRefused();
    return this.#failAnnouncement(runId, track, userRefused);
  }

  async #failAnnouncement(runId: number, track: Track, error: string): Promise<void> {
    this.tools.log.warn({ runId, error }, 'Asterisk could not play an announcement');
    await this.#end(runId, { ...endedByUs(track, 'announcement_failed'), error });
  }

  async #end(runId: number, track: Track): Promise<void> {
    await this.#carryOut(runId, { track, next: 'hang_up' });
  }

  async #isTalk(call: CallAttempt): Promise<boolean> {
    if (this.#talks.isHeld(call)) return true;
    return isConversation((await this.#ownCall(call.runId))?.instructions ?? []);
  }

  /** @returns the status of the call, `ended` when Asterisk has no channel of it; null when Asterisk did not say. */
  async #lookAfter(call: UnfinishedCall, track: Track): Promise<StatusReport | null> {
    const { configuration, tools } = this;
    const { runId, status } = call;
    const said = await askStatus(configuration, { callId: track.channelId }, tools);
    if (said === null) return null;
    const isMissing = said.status === 'ended';
    const seen = { ...track, isMissing, lostAt: isMissing ? track.lostAt : null };
    this.#tracks.set(runId, seen);
    if (isMissing) {
      // A dial in flight has no channel yet, and the event of an end may still arrive.
      const pause = status === 'initiated' ? dialMilliseconds : lastEventMilliseconds;
      await this.reports.followUpIn(call, pause);
      return said;
    }
    if (said.status !== 'answered' || track.isHangingUp) return said;
    if (status !== 'answered' && track.answeredAt === null) {
      await this.#carryOut(runId, answered(seen, tools.clock.now().toISOString()));
    } else if (await this.#isTalk(call)) {
      this.#talk(call, seen);
    } else if ((await isPlaying(configuration, playbackIdOf(track.channelId), tools)) === false) {
      // It was played, or lost with the process that ordered it. It must not be heard twice.
      if (track.soundMilliseconds !== undefined) await this.#carryOut(runId, spoken(seen));
      else await this.#end(runId, endedByUs(seen, 'unexplained'));
    }
    return said;
  }
}

/** @param error of a sound. */
function unspeakable(error: unknown): string {
  return `The announcement could not be spoken. ${sentenceOf(error)}`;
}
