/** What Asterisk has reported of one conversation, and how to wait for more of it. */
import type { Clock } from '../../../../clock';
import type { TalkEvent } from './events';

/** The conversation is over for this process: the call has ended, or another process goes on with it. */
export class TalkStopped extends Error {}

export class TalkEvents {
  /** The playbacks and recordings that have ended, and whether they failed. */
  readonly #finished = new Map<string, 'done' | 'failed'>();
  #isTalking = false;
  #hasTalked = false;
  #isStopped = false;
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

  /** Every `until` throws from now on. */
  stop(): void {
    this.#isStopped = true;
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
