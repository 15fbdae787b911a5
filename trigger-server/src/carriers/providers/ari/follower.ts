/** Follows the calls of one configuration: what its Asterisk says is reported, and what comes next is ordered. */
import { describeError } from '../../../describe-error';
import { retryLater } from '../../../retry-later';
import type { AnsweredCall, CallReports, UnfinishedCall } from '../../port/call';
import type { StatusReport } from '../../port/report';
import type { CarrierTools } from '../../port/tools';
import { channelIdOf, runIdOf, type AriConfiguration } from './configuration';
import { channelIdIn } from './events';
import { announcementOf } from './instructions';
import { playAnnouncement, surelyHangUp } from './orders';
import { askStatus, isPlaying } from './requests';
import {
  answered,
  endedByUs,
  follow,
  spoken,
  startTrack,
  unplayable,
  type CallEvent,
  type NextStep,
  type Track,
  type Turn,
} from './tracks';

/** How long the event of a channel's end may take to overtake the news that the channel is gone. */
const lastEventMilliseconds = 2000;
/** For a call that no event was heard of: longer than a dial may take, so that none under way is given up. */
const dialMilliseconds = 20_000;

export class CallFollower {
  readonly #tracks = new Map<number, Track>();
  /** The end of each run's queue: one event after the other, whatever an event sets off. */
  readonly #queues = new Map<number, Promise<void>>();
  #isStopped = false;

  constructor(
    private readonly configurationId: number,
    private readonly configuration: AriConfiguration,
    private readonly tools: CarrierTools,
    private readonly reports: CallReports,
  ) {}

  take(event: CallEvent): void {
    const runId = runIdOf(this.configuration, channelIdIn(event));
    if (runId === null) return;
    void this.#enqueue(runId, async (track) => this.#carryOut(runId, follow(track, event)));
  }

  /** After every connection: looks after the calls that went on while nobody listened. */
  catchUp(): void {
    const { configurationId, tools } = this;
    this.reports.unfinishedCalls(configurationId).then(
      (unfinished) => {
        for (const call of unfinished) {
          void this.#enqueue(call.runId, async (track) => {
            await this.#lookAfter(call, track);
          });
        }
      },
      (error: unknown) => {
        tools.log.error(
          { configurationId, error: describeError(error) },
          'unfinished calls could not be read',
        );
      },
    );
  }

  /** Looks after a call once more, and ends it where Asterisk still knows no channel of it. */
  followUp(call: UnfinishedCall): Promise<void> {
    return this.#enqueue(call.runId, async (track) => {
      const said = await this.#lookAfter(call, track);
      if (said === null) return;
      if (said.status !== 'ended') await this.reports.followUpIn(call.runId, null);
      else if (track.isMissing) await this.#carryOut(call.runId, { track, report: said, next: 'forget' });
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Does something about a call once what came before it is done. Calls that are not ours are left alone. */
  #enqueue(runId: number, task: (track: Track) => Promise<void>): Promise<void> {
    const turn = async () => {
      if (this.#isStopped) return;
      try {
        const track = await this.#trackOf(runId);
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

  async #trackOf(runId: number): Promise<Track | null> {
    const known = this.#tracks.get(runId);
    if (known !== undefined) return known;
    const call = await this.#ownCall(runId);
    if (call === null) return null;
    const track = startTrack(channelIdOf(this.configuration, runId), call);
    this.#tracks.set(runId, track);
    return track;
  }

  /** The call of a run of this very configuration: an Asterisk must not speak for another's. */
  async #ownCall(runId: number): Promise<AnsweredCall | null> {
    const call = await this.reports.answeredCall(runId);
    return call?.configurationId === this.configurationId ? call : null;
  }

  async #carryOut(runId: number, { track, report, next }: Turn): Promise<void> {
    this.#tracks.set(runId, track);
    if (next === 'forget') this.#tracks.delete(runId);
    if (report !== undefined) await this.#report(runId, report);
    if (next !== undefined) await this.#goOn(runId, track, next);
  }

  async #goOn(runId: number, track: Track, next: NextStep): Promise<void> {
    switch (next) {
      case 'announce':
        return this.#announce(runId, track);
      case 'hang_up':
        return surelyHangUp(this.configuration, track.channelId, this.tools);
      case 'fail_announcement':
        return this.#failAnnouncement(runId, track);
      case 'forget':
        return;
    }
  }

  /** A report that cannot be written is written later: nobody would repeat it. */
  async #report(runId: number, said: StatusReport): Promise<void> {
    const { tools, reports } = this;
    try {
      await reports.report(runId, [said]);
    } catch (error) {
      const stuck = 'a report of Asterisk could not be written; it is tried again';
      tools.log.error({ runId, error: describeError(error) }, stuck);
      retryLater(tools, stuck, () => reports.report(runId, [said]));
    }
  }

  async #announce(runId: number, track: Track): Promise<void> {
    const call = await this.#ownCall(runId);
    if (call === null || announcementOf(call.instructions) === '') {
      await this.#end(runId, endedByUs(track, 'agent_hung_up'));
      return;
    }
    const what = await playAnnouncement(this.configuration, track.channelId, { runId, call }, this.tools);
    if (what === 'played') this.#tracks.set(runId, { ...track, isAnnounced: true });
    else if (what === 'gone') await this.#end(runId, endedByUs(track));
    else await this.#failAnnouncement(runId, track);
  }

  async #failAnnouncement(runId: number, track: Track): Promise<void> {
    this.tools.log.warn({ runId }, 'Asterisk could not play an announcement');
    await this.#end(runId, { ...endedByUs(track, 'announcement_failed'), error: unplayable });
  }

  async #end(runId: number, track: Track): Promise<void> {
    await this.#carryOut(runId, { track, next: 'hang_up' });
  }

  /** @returns how the call stands, `ended` where Asterisk knows none; null: it did not say. */
  async #lookAfter({ runId, status }: UnfinishedCall, track: Track): Promise<StatusReport | null> {
    const { configuration, tools } = this;
    const said = await askStatus(configuration, { callId: track.channelId }, tools);
    if (said === null) return null;
    const isMissing = said.status === 'ended';
    const seen = { ...track, isMissing };
    this.#tracks.set(runId, seen);
    if (isMissing) {
      // A dial under way has no channel yet, and the event of an end may be on its way.
      const pause = status === 'initiated' ? dialMilliseconds : lastEventMilliseconds;
      await this.reports.followUpIn(runId, pause);
      return said;
    }
    if (said.status !== 'answered' || track.isHangingUp) return said;
    if (status !== 'answered' && track.answeredAt === null) {
      await this.#carryOut(runId, answered(seen, tools.clock.now().toISOString()));
    } else if ((await isPlaying(configuration, track.channelId, tools)) === false) {
      // It was played, or lost with the process that ordered it: nobody should hear it twice.
      if (track.isAnnounced) await this.#carryOut(runId, spoken(seen));
      else await this.#end(runId, endedByUs(seen));
    }
    return said;
  }
}
