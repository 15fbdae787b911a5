/** The conversation of one call over its relay. What is heard waits in a queue, and is taken turn by turn. */
import type { RawData, WebSocket } from 'ws';
import type { CallAttempt } from '../../../carriers/port/call-name';
import type { FromRelay, Relay, TalkReply } from '../../../carriers/port/talk';
import { keepHeard } from '../../../conversations/talk/claim';
import type { Listener } from '../../../conversations/talk/take-turn';
import { progressOf } from '../../../conversations/talk/talks';
import type { Services } from '../../../services';
import { Speaker } from './speaker';
import { relayTurn, type Heard, type TurnServices } from './turn';

export type SessionServices = TurnServices & Pick<Services, 'background' | 'log'>;

/** How long the carrier may take for its first frame, and to close after the end. */
const setupMilliseconds = 10_000;
/** After the longest time of the call, which the carrier ends by itself. */
const graceMilliseconds = 60_000;
/** The first words of a model are late after that. */
const fillerMilliseconds = 1500;
/** Between the last words and the end, which would cut them off. */
const pauseMilliseconds = 500;
/** The same words that come again within it were sent twice. */
const repeatMilliseconds = 1000;
/** A digit later than that belongs to another number. */
const digitMilliseconds = 2000;
/** What is heard and not taken yet. Nobody says so much in a turn. */
const mostWaiting = 20;
/** Frames in a row that cannot be read. */
const mostUnreadable = 10;
const mostDigits = 40;

type Timer = 'silence' | 'digits' | 'end' | 'longest';

/** Codes of RFC 6455, 7.4.1. */
const closing = { normal: 1000, goingAway: 1001, policy: 1008, failed: 1011 } as const;

export interface RelayedCall {
  call: CallAttempt;
  organizationId: number;
  /** The carrier's own id of the call; null while it is not known. */
  callId: string | null;
  relay: Relay<never>;
  silenceSeconds: number;
  longestSeconds: number;
}

export class RelaySession {
  readonly closed: Promise<void>;
  private noteClosed: () => void = () => undefined;
  private socket: WebSocket | null = null;
  private readonly speaker: Speaker;
  private readonly waiting: Heard[] = [];
  private isWorking = false;
  private hasBegun = false;
  /** Whether the conversation is over, or goes on elsewhere. */
  private isOver = false;
  private isStopping = false;
  /** The words that were heard of the turn under way, until the callee cut it off; null: it was not. */
  private cutOff: string | null = null;
  private unreadable = 0;
  private guess = '';
  private last = { text: '', at: 0 };
  private digits = '';
  private readonly timers = new Map<Timer, () => void>();

  constructor(
    private readonly services: SessionServices,
    private readonly of: RelayedCall,
  ) {
    this.closed = new Promise((resolve) => {
      this.noteClosed = resolve;
    });
    this.speaker = new Speaker(services.clock, of.relay, (frame) => {
      if (this.isOpen()) this.socket?.send(frame);
    });
  }

  begin(socket: WebSocket): void {
    this.socket = socket;
    // A frame that is too large, or none at all: `ws` closes the socket.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.end();
    });
    socket.on('message', (data, isBinary) => {
      this.receive(data, isBinary);
    });
    this.after('end', setupMilliseconds, () => {
      this.close(closing.policy);
    });
    this.after('longest', this.of.longestSeconds * 1000 + graceMilliseconds, () => {
      this.close(closing.normal);
    });
  }

  /** Closes it after the turn that is under way. */
  stop(): void {
    this.isStopping = true;
    if (!this.isWorking) this.close(closing.goingAway);
  }

  /** Closes it at once. */
  cut(): void {
    this.socket?.terminate();
  }

  private isOpen(): boolean {
    return this.socket !== null && this.socket.readyState === this.socket.OPEN;
  }

  private close(code: number): void {
    this.isOver = true;
    this.socket?.close(code);
  }

  private end(): void {
    this.isOver = true;
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
    this.keepWaiting();
    this.noteClosed();
  }

  /** Words that were heard and not answered count for whoever goes on with the conversation, or concludes it. */
  private keepWaiting(): void {
    if (this.isWorking) return;
    const heard = this.waiting.splice(0).find((one) => one.kind === 'said');
    if (heard === undefined) return;
    const keep = async () => {
      const turn = (await this.progress())?.turn;
      if (turn !== undefined) await keepHeard(this.services, this.of.call, turn, heard);
    };
    this.inBackground('what was heard at the end of a relay could not be kept', keep);
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (this.isOver) return;
    const frame = isBinary ? null : this.of.relay.read(textOf(data));
    // The setup comes first, and once.
    if (frame === null || (frame.kind === 'begun') === this.hasBegun) {
      this.unreadable += 1;
      if (this.unreadable < mostUnreadable) return;
      this.services.log.warn({ runId: this.of.call.runId }, 'a relay was closed: its frames cannot be read');
      this.close(closing.policy);
      return;
    }
    this.unreadable = 0;
    this.take(frame);
  }

  private take(frame: FromRelay): void {
    switch (frame.kind) {
      case 'begun':
        this.setUp(frame.callId);
        return;
      case 'said':
        this.said(frame.text, frame.isWhole);
        return;
      case 'interrupted':
        this.interrupted(frame.spoken);
        return;
      case 'digit':
        this.digit(frame.digit);
        return;
      case 'fault':
        this.services.log.warn({ runId: this.of.call.runId }, 'the carrier reports a fault of a relay');
        return;
      case 'other':
    }
  }

  private setUp(callId: string | null): void {
    if (this.of.callId !== null && callId !== this.of.callId) {
      this.services.log.warn({ runId: this.of.call.runId }, 'a relay was closed: it is of another call');
      this.close(closing.policy);
      return;
    }
    this.hasBegun = true;
    this.cancel('end');
    this.hear({ kind: 'opening' });
  }

  private said(text: string, isWhole: boolean): void {
    this.cancel('silence');
    if (!isWhole) {
      this.guess = text;
      if (!this.isWorking) this.listen();
      return;
    }
    const words = text.trim() === '' ? this.guess : text;
    this.guess = '';
    const at = this.services.clock.steady().getTime();
    const isRepeated = words === this.last.text && (this.isWorking || at - this.last.at < repeatMilliseconds);
    this.last = { text: words, at };
    if (!isRepeated) this.hear({ kind: 'said', text: words });
  }

  private interrupted(spoken: string): void {
    // What it cuts off was cut off before, or belongs to the turn before the one that is being computed.
    if (!this.speaker.isHeard) return;
    if (this.isWorking && !this.speaker.hasSpoken) return;
    this.speaker.interrupt();
    if (this.isWorking) this.cutOff = spoken;
    else this.hear({ kind: 'interrupted', spoken });
  }

  private digit(digit: string): void {
    this.cancel('silence');
    if (digit === '#') {
      this.dialled();
      return;
    }
    this.digits = (this.digits + digit).slice(0, mostDigits);
    this.after('digits', digitMilliseconds, () => {
      this.dialled();
    });
  }

  /** Digits are words like others. */
  private dialled(): void {
    this.cancel('digits');
    const text = this.digits;
    this.digits = '';
    if (text !== '') this.hear({ kind: 'said', text });
    else if (!this.isWorking) this.listen();
  }

  private hear(heard: Heard): void {
    if (this.isOver) return;
    if (this.waiting.length >= mostWaiting) {
      this.close(closing.policy);
      return;
    }
    this.cancel('silence');
    this.waiting.push(heard);
    if (this.isWorking) return;
    this.isWorking = true;
    this.inBackground('a turn of a conversation over a relay could not be computed', () => this.work());
  }

  private async work(): Promise<void> {
    try {
      while (this.waiting.length > 0 && !this.isOver && !this.isStopping) {
        await this.turn(this.waiting.shift() as Heard);
      }
    } catch (error) {
      this.close(closing.failed);
      throw error;
    } finally {
      this.isWorking = false;
      if (!this.isOpen()) this.keepWaiting();
    }
    if (this.isOver) return;
    if (this.isStopping) this.close(closing.goingAway);
    else this.listen();
  }

  private async turn(heard: Heard): Promise<void> {
    const turn = (await this.progress())?.turn ?? 0;
    // A conversation that was begun elsewhere goes on where it stands.
    const isOpening = heard.kind === 'opening';
    if (heard.kind !== 'interrupted') this.speaker.beginTurn();
    const asked = { turn, heard: isOpening && turn > 0 ? null : heard };
    const reply = await relayTurn(this.services, this.of, asked, this.listener(), () => this.isOpen());
    if (reply === null) {
      this.close(closing.goingAway);
      return;
    }
    if (!this.speaker.hasSpoken) this.repeat(reply);
    if (heard.kind !== 'interrupted') this.speaker.endTurn();
    if (this.cutOff !== null) {
      this.waiting.unshift({ kind: 'interrupted', spoken: this.cutOff });
      this.cutOff = null;
    } else if (reply.then !== 'listen') this.finish();
  }

  private listener(): Listener {
    const { clock } = this.services;
    return {
      say: (piece, isInterruptible) => {
        this.speaker.say(piece, isInterruptible);
      },
      whenLate: (callback) => clock.after(fillerMilliseconds, callback),
    };
  }

  /** Says a reply that was computed before. */
  private repeat({ say, isInterruptible }: TalkReply): void {
    if (say.length > 0) this.speaker.say(say.join(' '), isInterruptible === true);
  }

  /** Ends the relay, once everything was spoken. */
  private finish(): void {
    this.isOver = true;
    // Words that were said meanwhile would count as heard after a transfer.
    this.waiting.length = 0;
    this.after('end', this.speaker.speakingMilliseconds() + pauseMilliseconds, () => {
      if (this.isOpen()) this.socket?.send(this.of.relay.end());
      this.after('end', setupMilliseconds, () => {
        this.close(closing.normal);
      });
    });
  }

  /** Nothing heard for some time after everything was spoken is a silence. */
  private listen(): void {
    const silence = this.of.silenceSeconds * 1000 + this.speaker.speakingMilliseconds();
    this.after('silence', silence, () => {
      this.hear({ kind: 'silence' });
    });
  }

  private progress() {
    return progressOf(this.services.storage.read, this.of.call);
  }

  private inBackground(failure: string, work: () => Promise<void>): void {
    this.services.background.begin(failure, work, { runId: this.of.call.runId });
  }

  private after(name: Timer, milliseconds: number, task: () => void): void {
    this.cancel(name);
    this.timers.set(name, this.services.clock.after(milliseconds, task));
  }

  private cancel(name: Timer): void {
    this.timers.get(name)?.();
    this.timers.delete(name);
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8');
}
