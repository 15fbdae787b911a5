/**
 * The base of all loopback vendors. It checks dials as strictly as the vendor, simulates faults, and sends
 * callbacks like the vendor.
 */
import type { ServerResponse } from 'node:http';
import { startLocalServer, type ReceivedRequest, type Upgrade } from '../local-server';

/** How the vendor treats the next dial; `accept` again after it. */
export type DialPlay =
  | 'accept'
  /** The vendor's own error body with a 4xx: nobody is called. */
  | 'refuse'
  /** 429 with the vendor's own error body. */
  | 'rate-limit'
  | 'server-error'
  /** 2xx with a body that is not what the vendor documents. */
  | 'garbage'
  /** Reads the request, then breaks the connection. */
  | 'reset'
  /** Reads the request and never answers. */
  | 'hang'
  /** Accepts the call, but answers only after the server's timeout. */
  | 'late';

/** An event of a call. Each loopback vendor translates it to the vendor's own terms. */
export type CallEvent = 'ringing' | 'answered' | 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/** A callback as an HTTP request. */
export interface VendorCallback {
  method: 'GET' | 'POST';
  /** The full callback URL, under PUBLIC_BASE_URL. */
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Vendor {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Dials that reached the vendor, including refused ones. */
  readonly dials: ReceivedRequest[];
  /** Every other request. */
  readonly requests: ReceivedRequest[];
  play(next: DialPlay): void;
  /**
   * Resolves when a dial that hangs or is answered late has been read, with the function that answers it late (or
   * never).
   */
  held(): Promise<() => void>;
  /** From now on, an accepted dial is answered when the promise resolves. Its call begins at once. */
  holdDials(until: (dial: ReceivedRequest) => Promise<void>): void;
  /** Holds the next request that is not a dial. Resolves when it has been read, with the function that answers it. */
  holdRequest(): Promise<() => void>;
  /** A callback about the call of a dial, signed like the vendor's; null when the vendor does not report the event. */
  callback(dial: ReceivedRequest, event: CallEvent): VendorCallback | null;
  /** The request for the answer document, signed like the vendor's; null if the vendor has none. */
  answerRequest(dial: ReceivedRequest): VendorCallback | null;
  close(): Promise<void>;
}

export interface VendorScript {
  isDial(request: ReceivedRequest): boolean;
  /** Status and body for an accepted, refused or rate-limited dial. Throws when the vendor would refuse the request. */
  dial(request: ReceivedRequest, play: 'accept' | 'refuse' | 'rate-limit', count: number): VendorAnswer;
  /** Any other request. */
  other(request: ReceivedRequest): VendorAnswer;
  callback(dial: ReceivedRequest, event: CallEvent): VendorCallback | null;
  answerRequest(dial: ReceivedRequest): VendorCallback | null;
  /** For a vendor that reports over a WebSocket; it closes its own. */
  upgrade?: Upgrade;
}

export interface VendorAnswer {
  status: number;
  body: object | string | Buffer;
  headers?: Record<string, string>;
}

/** Starts a loopback vendor that follows the script. A hung dial ends when the vendor is closed. */
export async function startVendor(script: VendorScript): Promise<Vendor> {
  const dials: ReceivedRequest[] = [];
  const requests: ReceivedRequest[] = [];
  let next: DialPlay = 'accept';
  let hold: (answerLate: () => void) => void = () => undefined;
  let held = Promise.resolve<() => void>(() => undefined);

  let holdOther: ((answerNow: () => void) => void) | undefined;
  let holdDial: (dial: ReceivedRequest) => Promise<void> | undefined = () => undefined;

  const serve = (request: ReceivedRequest, response: ServerResponse): void => {
    if (!script.isDial(request)) {
      requests.push(request);
      const answerNow = () => {
        answer(response, script.other(request));
      };
      const hold =
        holdOther ??
        ((release: () => void) => {
          release();
        });
      holdOther = undefined;
      hold(answerNow);
      return;
    }
    dials.push(request);
    const play = next;
    next = 'accept';
    switch (play) {
      case 'hang':
        hold(() => undefined);
        return;
      case 'late':
        hold(() => {
          answer(response, script.dial(request, 'accept', dials.length));
        });
        return;
      case 'reset':
        response.destroy();
        return;
      case 'server-error':
        answer(response, { status: 500, body: '<html>internal error at 10.1.2.3</html>' });
        return;
      case 'garbage':
        answer(response, { ...script.dial(request, 'accept', dials.length), body: 'not what it should be' });
        return;
      default: {
        const taken = script.dial(request, play, dials.length);
        const answerNow = () => {
          answer(response, taken);
        };
        const until = play === 'accept' ? holdDial(request) : undefined;
        if (until === undefined) answerNow();
        else void until.then(answerNow);
      }
    }
  };
  const server = await startLocalServer((request, response) => {
    try {
      serve(request, response);
    } catch (error) {
      answer(response, { status: 400, body: `the loopback vendor refuses this: ${String(error)}` });
    }
  }, script.upgrade);
  return {
    origin: server.url,
    dials,
    requests,
    play: (play) => {
      next = play;
      held = new Promise((resolve) => {
        hold = resolve;
      });
    },
    held: () => held,
    holdDials: (until) => {
      holdDial = until;
    },
    holdRequest: () =>
      new Promise((resolve) => {
        holdOther = resolve;
      }),
    callback: (dial, event) => script.callback(dial, event),
    answerRequest: (dial) => script.answerRequest(dial),
    close: () => server.close(),
  };
}

function answer(response: ServerResponse, { status, body, headers }: VendorAnswer): void {
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, { 'content-type': 'application/octet-stream', ...headers });
    response.end(body);
    return;
  }
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
