/** What is said over a relay, piece by piece, and for how long the carrier speaks it. */
import type { Clock } from '../../../clock';
import type { Relay } from '../../../carriers/port/talk';

/** Carriers do not say when they have spoken a text. People speak, and voices read, about so fast. */
const charactersPerSecond = 15;

export class Speaker {
  /** Whether something was said that the callee may not have heard to its end yet. */
  isHeard = false;
  /** Whether anything was to be said in this turn. */
  hasSpoken = false;
  private isMuted = false;
  private isInterruptible = true;
  private speaksUntil = 0;

  constructor(
    private readonly clock: Pick<Clock, 'steady'>,
    private readonly relay: Pick<Relay<never>, 'say'>,
    private readonly send: (frame: string) => void,
  ) {}

  /** What was said before has been spoken: carriers report nothing earlier. */
  beginTurn(): void {
    this.hasSpoken = false;
    this.isMuted = false;
    this.speaksUntil = 0;
  }

  /** @param piece another text than the one before, or its next words with the space before them. */
  say(piece: string, isInterruptible: boolean): void {
    const text = this.hasSpoken && !/^\s/.test(piece) ? ` ${piece}` : piece;
    this.hasSpoken = true;
    if (this.isMuted) return;
    this.isHeard = true;
    this.isInterruptible = isInterruptible;
    this.speaksUntil = this.time() + this.speakingMilliseconds() + (text.length * 1000) / charactersPerSecond;
    this.send(this.relay.say({ text, isLast: false, isInterruptible }));
  }

  /** Nothing more is said in this turn: the callee has cut it off. */
  interrupt(): void {
    this.isMuted = true;
    this.isHeard = false;
    this.speaksUntil = 0;
  }

  endTurn(): void {
    if (!this.hasSpoken || this.isMuted) return;
    this.send(this.relay.say({ text: '', isLast: true, isInterruptible: this.isInterruptible }));
  }

  /** For how long the carrier goes on speaking, about. */
  speakingMilliseconds(): number {
    return Math.max(0, this.speaksUntil - this.time());
  }

  private time(): number {
    return this.clock.steady().getTime();
  }
}
