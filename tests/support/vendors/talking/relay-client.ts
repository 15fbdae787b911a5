/** A carrier's end of a relay: a WebSocket client that sends its frames, and hears what is said. */
import { once } from 'node:events';
import { WebSocket, type RawData } from 'ws';

/** Where a carrier opens a relay, and how it signs that. */
export interface RelayAddress {
  /** On the server that is asked, not on its public address. */
  url: string;
  headers: Record<string, string>;
}

interface Frame {
  type: string;
  token?: string;
  last?: boolean;
  interruptible?: boolean;
  handoffData?: string;
}

export class RelayClient {
  /** Every frame by now. */
  readonly frames: Frame[] = [];
  /** The code with which it was closed. */
  readonly closed: Promise<number>;
  private read = 0;
  private notice: () => void = () => undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: RawData) => {
      this.frames.push(JSON.parse((data as Buffer).toString()) as Frame);
      this.notice();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        resolve(code);
        this.notice();
      });
    });
  }

  /** @throws Error when the server refuses it. */
  static async open({ url, headers }: RelayAddress): Promise<RelayClient> {
    const socket = new WebSocket(url, { headers });
    const client = new RelayClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(frame: object | string | Buffer): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The next frame. @throws Error when it is closed before. */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.frames[this.read];
      if (frame !== undefined) {
        this.read += 1;
        return frame;
      }
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The relay was closed');
      await new Promise<void>((resolve) => (this.notice = resolve));
    }
  }

  /** What is said until the callee is listened to. */
  async said(): Promise<string> {
    let text = '';
    for (;;) {
      const frame = await this.next();
      if (frame.type !== 'text') throw new Error(`The server sent ${frame.type}`);
      text += frame.token ?? '';
      if (frame.last === true) return text;
    }
  }

  /** What is said after the callee has said these words. */
  answer(voicePrompt: string): Promise<string> {
    this.send({ type: 'prompt', voicePrompt, lang: 'en-US', last: true });
    return this.said();
  }

  close(): void {
    this.socket.close();
  }
}

/** The refusal of a relay before it is opened. */
export async function refusal({ url, headers }: RelayAddress): Promise<{ status: number; body: string }> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      reject(new Error('The relay was opened'));
    });
    socket.on('unexpected-response', (_request, reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part: Buffer) => parts.push(part));
      reply.on('end', () => {
        resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString() });
      });
    });
  });
}
