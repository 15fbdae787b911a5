/**
 * A conversation on one channel: what is said is played, what the callee says is recorded and recognized, and the
 * recognized words bring the next turn. What it has reached is stored turn by turn, so that another process can go on.
 */
import { describeError } from '../../../describe-error';
import { heardOf } from '../../kit/heard';
import type { CallReports } from '../../port/call';
import type { CallAttempt } from '../../port/call-name';
import type { Instruction } from '../../port/instructions';
import type { StatusReport } from '../../port/report';
import type { AskedTurn, FromCallee, NextInstructions, TransferFailure } from '../../port/talk';
import type { CarrierTools } from '../../port/tools';
import { legIdOf, type AriConfiguration } from './configuration';
import { playSound } from './orders';
import { askStatus, dialRequest, hangUp, isPlaying, isUserRefused } from './requests';
import { recognize } from './sound/recognize';
import { millisecondsOf } from './sound/wav';
import { sentenceOf, soundOf, spokenInTime } from './speech';
import { unansweredOutcome } from './statuses';
import type { Leg, TalkEvents } from './events/talk-events';
import {
  bridge,
  deleteRecording,
  detectTalking,
  dropRecording,
  fetchRecording,
  indicateRinging,
  record,
  removeBridge,
  stopPlayback,
  stopRecording,
} from './talk-requests';

/** How a conversation ended on our side. */
export type TalkOver =
  | { kind: 'hang_up' }
  /** Asterisk has no such channel any more. */
  | { kind: 'gone' }
  | { kind: 'user_refused' }
  | { kind: 'failed'; error: string };

/** Beyond the length of a sound: to download it, and for the event of its end. */
const playbackMilliseconds = 15_000;
/** Longer than the longest recording. */
const talkMilliseconds = 65_000;
/** For the event of the end of a recording that was stopped. */
const stopMilliseconds = 5000;

/** Beyond the ring timeout of a transfer, for the event of its end. */
const transferMilliseconds = 10_000;
/** Until a turn is asked for again that another one computes. */
const busyMilliseconds = 1000;

type Gather = Extract<Instruction, { name: 'gather' }>;
type Transfer = Extract<Instruction, { name: 'transfer' }>;

/** The channel of the callee. */
export interface TalkChannel {
  channelId: string;
  maxCallDurationSeconds: number;
}

/** An end in the middle of a turn. */
class Over extends Error {
  constructor(readonly end: TalkOver) {
    super();
  }
}

export class Talk {
  constructor(
    private readonly configuration: AriConfiguration,
    private readonly channel: TalkChannel,
    private readonly call: CallAttempt,
    private readonly tools: CarrierTools,
    private readonly reports: CallReports,
    private readonly events: TalkEvents,
  ) {}

  private get channelId(): string {
    return this.channel.channelId;
  }

  /**
   * Holds the conversation from where it stands to its end.
   * @throws TalkStopped when the call has ended, or another process is to go on.
   */
  async hold(): Promise<TalkOver> {
    try {
      const progress = await this.reports.talkOf(this.call);
      if (progress === null) return { kind: 'hang_up' };
      const { turn, reply } = progress;
      if (turn > 0) await this.#endFormer(turn);
      if (
        reply?.then === 'hang_up' &&
        (await this.#statusOf(legIdOf(this.channelId, turn - 1))) === 'answered'
      ) {
        await this.#talkOut(turn - 1);
        return { kind: 'hang_up' };
      }
      await this.#order(() => detectTalking(this.configuration, this.channelId, this.tools));
      const first = { turn, heard: turn === 0 ? { kind: 'opening' as const } : null, isRepeated: turn > 0 };
      return await this.#goOn(first, typeof reply?.then === 'object');
    } catch (error) {
      if (error instanceof Over) return error.end;
      throw error;
    }
  }

  /** @param isTransferring whether a process that is gone was making the transfer of this turn. */
  async #goOn(first: AskedTurn, isTransferring: boolean): Promise<TalkOver> {
    let asked = first;
    for (let isFormers = isTransferring; ; isFormers = false) {
      const next = await this.reports.nextOfTalk(this.call, asked);
      this.events.assertGoesOn();
      if (next === null) return { kind: 'hang_up' };
      const { instructions, turn } = next;
      const last = instructions.at(-1);
      const gather = last?.name === 'gather' ? last : null;
      const id = last?.name === 'go_on' ? `filler-${String(turn)}` : `talk-${String(turn - 1)}`;
      if (!isFormers) await this.#say(next, id, gather !== null && gather.over.length > 0);
      if (gather !== null) {
        asked = { turn, heard: await this.#listen(gather, turn), isRepeated: false };
      } else if (last?.name === 'go_on') {
        await this.#pause(instructions);
        asked = { turn, heard: null, isRepeated: true };
      } else if (last?.name === 'transfer') {
        const reason = await this.#transfer(last, turn, isFormers);
        if (reason === null) return { kind: 'hang_up' };
        asked = { turn, heard: { kind: 'transfer_failed', reason }, isRepeated: false };
      } else return { kind: 'hang_up' };
    }
  }

  /**
   * A process that is gone was recording, or played the words of a turn. They are played to their end; what it recorded is
   * lost, so the words of the turn before are said again.
   */
  async #endFormer(turn: number): Promise<void> {
    await this.#order(() =>
      dropRecording(this.configuration, this.#nameOf(`turn-${String(turn)}`), this.tools),
    );
  }

  async #say({ instructions, url }: NextInstructions, name: string, mayInterrupt: boolean): Promise<void> {
    const { configuration, channelId, tools, events } = this;
    const speaking = soundOf(instructions, tools, () => 'now');
    if (speaking === null) return;
    const playbackId = this.#nameOf(name);
    let sound: Buffer;
    try {
      sound = await spokenInTime(speaking, tools.clock);
    } catch (error) {
      throw new Over({ kind: 'failed', error: `What to say could not be spoken. ${sentenceOf(error)}` });
    }
    events.assertGoesOn();
    events.listen();
    events.expect(playbackId);
    const isUnderWay = (await this.#order(() => isPlaying(configuration, playbackId, tools))) === true;
    if (!isUnderWay) {
      const order = { runId: this.call.runId, wavUrl: url, playbackId };
      const played = await playSound(configuration, channelId, order, tools);
      if (played === 'gone') throw new Over({ kind: 'gone' });
      if (played === 'refused') throw new Over({ kind: 'user_refused' });
      if (played === 'failed') throw new Over({ kind: 'failed', error: unplayable });
    }
    const isOver = () => events.endOf(playbackId) !== undefined;
    const longest = millisecondsOf(sound) + playbackMilliseconds;
    await events.until(() => isOver() || (mayInterrupt && events.hasTalked), longest);
    if (!isOver() && mayInterrupt && events.hasTalked) {
      await this.#order(() => stopPlayback(configuration, playbackId, tools));
      await events.until(isOver, stopMilliseconds);
    } else if (events.endOf(playbackId) === 'failed') {
      throw new Over({ kind: 'failed', error: unplayable });
    }
  }

  /** Records until the callee has finished. Silence is no words: a recognition invents some from it. */
  async #listen({ silenceSeconds, language }: Gather, turn: number): Promise<FromCallee> {
    const { configuration, channelId, tools, events } = this;
    const name = this.#nameOf(`turn-${String(turn)}`);
    events.listen();
    events.expect(name);
    const begun = await this.#order(() => record(configuration, channelId, name, tools));
    if (begun !== null && isUserRefused(begun.status)) throw new Over({ kind: 'user_refused' });
    if (begun?.status === 404) throw new Over({ kind: 'gone' });
    if (begun?.status !== 201) {
      throw new Over({ kind: 'failed', error: unrecordable });
    }
    const isOver = () => events.endOf(name) !== undefined;
    await events.until(() => events.hasTalked || isOver(), silenceSeconds * 1000);
    if (!events.hasTalked) {
      await this.#order(() => dropRecording(configuration, name, tools));
      await this.#order(() => deleteRecording(configuration, name, tools));
      return { kind: 'silence' };
    }
    await events.until(() => !events.isTalking || isOver(), talkMilliseconds);
    if (!isOver()) await this.#order(() => stopRecording(configuration, name, tools));
    await events.until(isOver, stopMilliseconds);
    return this.#wordsOf(name, language);
  }

  /** What is not understood counts as words without a meaning: the engine asks for them again. */
  async #wordsOf(name: string, language: string): Promise<FromCallee> {
    const { configuration, tools } = this;
    const { runId } = this.call;
    let text = '';
    try {
      const wav = await fetchRecording(configuration, name, tools);
      text = await recognize(tools.sttCommand, wav, language);
    } catch (error) {
      tools.log.error({ runId, reason: sentenceOf(error) }, 'what a callee said could not be recognized');
    }
    await this.#order(() => deleteRecording(configuration, name, tools));
    const heard = heardOf(text, undefined);
    return heard.kind === 'said' ? heard : { kind: 'said', text: '' };
  }

  /**
   * Calls a person, and connects the two until one of them hangs up.
   * @param isFormers a process that is gone was making it: the person is not called again.
   * @returns why it failed; null: they have talked.
   */
  async #transfer(
    { to, from, timeoutSeconds }: Transfer,
    turn: number,
    isFormers: boolean,
  ): Promise<TransferFailure | null> {
    const { configuration, channelId, tools, events } = this;
    const legId = legIdOf(channelId, turn);
    try {
      const former = isFormers ? await this.#statusOf(legId) : undefined;
      if (former === 'ended') return 'call_failed';
      const isAnswered = former === 'answered';
      if (!isFormers) {
        const { maxCallDurationSeconds } = this.channel;
        const leg = {
          channelId: legId,
          to,
          from,
          ringTimeoutSeconds: timeoutSeconds,
          maxCallDurationSeconds,
        };
        const dialled = await this.#order(() => tools.http(dialRequest(configuration, leg)));
        if (dialled !== null && dialled.status !== 200) return 'call_failed';
        await this.#order(() => indicateRinging(configuration, channelId, 'POST', tools));
      }
      const longest = timeoutSeconds * 1000 + transferMilliseconds;
      if (!isAnswered) await events.until(() => events.legOf(legId) !== undefined, longest);
      await this.#order(() => indicateRinging(configuration, channelId, 'DELETE', tools));
      const leg = events.legOf(legId);
      if (!isAnswered && leg?.state !== 'answered') {
        await this.#order(() => hangUp(configuration, legId, tools));
        return failureOf(leg);
      }
      if ((await this.#order(() => bridge(configuration, legId, [channelId, legId], tools))) !== true) {
        await this.#order(() => hangUp(configuration, legId, tools));
        return 'call_failed';
      }
      const connected = { kind: 'transferred', isOver: false } as const;
      while ((await this.reports.hear(this.call, turn, connected)) === null) {
        await events.until(() => false, busyMilliseconds);
      }
    } finally {
      if (events.hasCallEnded) await this.#dropLeg(legId);
    }
    await this.#talkOut(turn);
    return null;
  }

  /** The callee talks with the person until one of them hangs up. */
  async #talkOut(turn: number): Promise<void> {
    const { events } = this;
    const legId = legIdOf(this.channelId, turn);
    try {
      await events.until(
        () => events.legOf(legId)?.state === 'ended',
        this.channel.maxCallDurationSeconds * 1000 + transferMilliseconds,
      );
      await this.#dropLeg(legId);
    } finally {
      if (events.hasCallEnded) await this.#dropLeg(legId);
    }
  }

  /** Nobody else hangs up on the person when the callee is not there any more. */
  async #dropLeg(legId: string): Promise<void> {
    const { configuration, tools } = this;
    const { runId } = this.call;
    const orders = [hangUp(configuration, legId, tools), removeBridge(configuration, legId, tools)];
    for (const done of await Promise.allSettled(orders)) {
      if (done.status === 'fulfilled') continue;
      tools.log.warn({ runId, error: describeError(done.reason) }, 'the end of a transfer was not answered');
    }
  }

  async #statusOf(legId: string): Promise<StatusReport['status'] | undefined> {
    const said = await this.#order(() => askStatus(this.configuration, { callId: legId }, this.tools));
    return said?.status;
  }

  async #pause(instructions: readonly Instruction[]): Promise<void> {
    const seconds = instructions.reduce(
      (sum, instruction) => sum + (instruction.name === 'pause' ? instruction.seconds : 0),
      0,
    );
    await this.events.until(() => false, seconds * 1000);
  }

  /** @returns null when Asterisk did not answer. The conversation then shows whether it has done it. */
  async #order<Reply>(order: () => Promise<Reply>): Promise<Reply | null> {
    try {
      return await order();
    } catch (error) {
      const { runId } = this.call;
      this.tools.log.warn({ runId, error: describeError(error) }, 'Asterisk did not answer to an order');
      return null;
    } finally {
      this.events.assertGoesOn();
    }
  }

  #nameOf(what: string): string {
    return `${this.channelId}-${what}`;
  }
}

/** @param leg undefined: it has rung for too long. */
function failureOf(leg: Leg | undefined): TransferFailure {
  if (leg?.state !== 'ended') return 'no_answer';
  const { cause, sipCode } = leg;
  const hangup = { cause, sipCode, hasRung: true, hasTimedOut: true, isTrunkSilent: false };
  switch (unansweredOutcome(hangup)) {
    case 'busy':
    case 'declined':
      return 'busy';
    case 'no_answer':
    case 'unavailable':
      return 'no_answer';
    default:
      return 'call_failed';
  }
}

const unrecordable =
  'Asterisk could not record what the callee says. Its log says why; it needs the folder recording below astspooldir.';
const unplayable =
  'Asterisk could not play what was to be said. Its log says why; it must be able to reach this server.';
