/** What Asterisk has reported of one conversation, and how to wait for more of it. */
import type { Clock } from '../../../../clock';
import type { CallEvent, TalkEvent } from './events';

/** The conversation is over for this process: the call has ended, or another process goes on with it. */
export class TalkStopped extends Error {}

/** The person to whom the callee is handed over: has answered, or is not in the call any more. */
export type Leg = { state: 'answered' } | { state: 'ended'; cause: number; sipCode: number | undefined };

export class TalkEvents {
  readonly #legs = new Map<string, Leg>();
  /** The playbacks and recordings that have ended, and whether they failed. */
  readonly #finished = new Map<string, 'done' | 'failed'>();
  #isTalking = false;
  #hasTalked = false;
  #isStopped = false;
  #hasCallEnded = false;
  #wake: () => void = () => undefined;

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  /** Whether the callee talks now. */
  get isTalking(): boolean {
    return this.#isTalking;
  }

  /** Whether the callee has talked since `listen`. */
  get hasTalked(): boolean {
    return this.#hasTalked;
  }

  take(event: TalkEvent): void {
    switch (event.type) {
      case 'ChannelTalkingStarted':
        this.#isTalking = true;
        this.#hasTalked = true;
        break;
      case 'ChannelTalkingFinished':
        this.#isTalking = false;
        break;
      case 'RecordingFinished':
      case 'RecordingFailed':
        this.#finished.set(event.recording.name, event.type === 'RecordingFinished' ? 'done' : 'failed');
        break;
      case 'PlaybackFinished':
        this.#finished.set(event.playback.id, event.playback.state === 'done' ? 'done' : 'failed');
        break;
      case 'PlaybackStarted':
        break;
    }
    this.#wake();
  }

  /** What happens on the channel of a person to whom the callee is handed over. */
  takeOfLeg(legId: string, event: CallEvent): void {
    if (event.type === 'StasisStart') this.#legs.set(legId, { state: 'answered' });
    if (event.type === 'ChannelDestroyed') {
      this.#legs.set(legId, { state: 'ended', cause: event.cause ?? 0, sipCode: event.tech_cause });
    }
    this.#wake();
  }

  /** Undefined while it rings. */
  legOf(legId: string): Leg | undefined {
    return this.#legs.get(legId);
  }

  /** From now on, it counts whether the callee talks. Whoever is talking has begun. */
  listen(): void {
    this.#hasTalked = this.#isTalking;
  }

  /** Before the order for a playback or a recording of this name. */
  expect(name: string): void {
    this.#finished.delete(name);
  }

  /** How a playback or a recording has ended; undefined while it goes on. */
  endOf(name: string): 'done' | 'failed' | undefined {
    return this.#finished.get(name);
  }

  /** Whether it was stopped because the callee is not there any more. */
  get hasCallEnded(): boolean {
    return this.#hasCallEnded;
  }

  /** Every `until` throws from now on. */
  stop(hasCallEnded: boolean): void {
    this.#isStopped = true;
    this.#hasCallEnded = hasCallEnded;
    this.#wake();
  }

  /** @throws TalkStopped after `stop`. */
  assertGoesOn(): void {
    if (this.#isStopped) throw new TalkStopped();
  }

  /** Waits until it is so. @returns false when the time is over before. @throws TalkStopped */
  async until(isSo: () => boolean, milliseconds: number): Promise<boolean> {
    const time = { isOver: false };
    const forget = this.clock.after(milliseconds, () => {
      time.isOver = true;
      this.#wake();
    });
    try {
      for (;;) {
        this.assertGoesOn();
        if (isSo()) return true;
        if (time.isOver) return false;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      forget();
    }
  }
}
