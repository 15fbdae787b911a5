/**
 * A server process that may be killed at any moment and restarts on the same data, together with its peers: a carrier
 * and a receiver of events, which keep running, and clients that repeat a request until it is answered.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { freeTcpPort } from '../support/free-port';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import type { ReceivedRequest } from '../support/local-server';
import { accountSid, authToken, startTwilio } from '../support/vendors/twilio';
import type { CallEvent, Vendor, VendorCallback } from '../support/vendors/vendor';
import { receiversAllowed, startReceiver, type Receiver } from '../support/webhooks';

const apiKey = `dgr_${'q'.repeat(43)}`;
const publicBaseUrl = 'https://calls.example.test';
/** How many calls may be under way. */
export const slots = 50;

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** A requested call, with its own key and its own number. */
export interface CallRequest {
  key: string;
  to: string;
}

/** No reply came: the server was killed first. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

export class KillStage {
  /** The requests that were sent, in order. */
  readonly requests: CallRequest[] = [];
  private server: ServerProcess | undefined;
  private triggerPath = '';
  private backAgain: Promise<void> = Promise.resolve();
  private comeBack: () => void = () => undefined;

  private constructor(
    private readonly folder: string,
    readonly carrier: Vendor,
    readonly receiver: Receiver,
    private readonly environment: Record<string, string>,
  ) {}

  /**
   * @param environment variables of the server, which override those of the stage.
   * @param maxCallSeconds the limit of an answered call: a minute later the watchdog ends a call without reports.
   * @param settings further ones of the carrier account.
   */
  static async open(
    environment: Record<string, string> = {},
    maxCallSeconds = 1,
    settings: object = {},
  ): Promise<KillStage> {
    const stage = new KillStage(
      mkdtempSync(join(tmpdir(), 'kills-')),
      await startTwilio(),
      await startReceiver(),
      environment,
    );
    try {
      await stage.restart();
      await stage.prepare(maxCallSeconds, settings);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  async close(): Promise<void> {
    await this.server?.stop('SIGKILL');
    await this.carrier.close();
    await this.receiver.close();
    rmSync(this.folder, { recursive: true });
  }

  /** A new request for a call, not sent yet. */
  newRequest(): CallRequest {
    const count = this.requests.length;
    const made = { key: `call-${String(count)}`, to: `+1415555${String(1000 + count)}` };
    this.requests.push(made);
    return made;
  }

  /** The path of the trigger. */
  get path(): string {
    return this.triggerPath;
  }

  /** Sends the request once. @throws CutOffError */
  trigger({ key, to }: CallRequest): Promise<Reply> {
    const body = { phone_number: to, callback_url: this.receiver.url };
    return this.send('POST', this.triggerPath, body, { 'Idempotency-Key': key });
  }

  /** Repeats the request, as a client does, until the reply says its outcome. */
  async insist(request: CallRequest): Promise<Reply> {
    for (;;) {
      const reply = await this.untilAnswered(() => this.trigger(request));
      // The call is still being placed, so a client asks again.
      if (reply.status !== 409) return reply;
    }
  }

  /** The dials that the carrier received for this request. */
  dialsOf({ to }: CallRequest): ReceivedRequest[] {
    return this.carrier.dials.filter(
      ({ body }) => new URLSearchParams(body.toString('utf8')).get('To') === to,
    );
  }

  /** The carrier reports once. @throws CutOffError */
  async report(dial: ReceivedRequest, event: CallEvent): Promise<void> {
    const callback = this.carrier.callback(dial, event);
    if (callback === null) throw new Error(`The carrier reports no ${event}`);
    const { status, text } = await this.deliver(callback);
    if (status !== 200) throw new Error(`A report of ${event} was answered with ${String(status)}: ${text}`);
  }

  /** The carrier repeats its report until the server accepts it. */
  async insistOnReport(dial: ReceivedRequest, ...events: CallEvent[]): Promise<void> {
    for (const event of events) await this.untilAnswered(() => this.report(dial, event));
  }

  /** @param path below the server's address. @throws CutOffError */
  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    return this.exchange(path, {
      method,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Sends a file to an upload URL of the server. @throws CutOffError */
  upload(uploadUrl: string, csv: string): Promise<Reply> {
    const headers = { 'Content-Type': 'text/csv' };
    return this.exchange(new URL(uploadUrl).pathname, { method: 'PUT', headers, body: csv });
  }

  /** Repeats a request that was cut off, once the server runs again. */
  async untilAnswered<Result>(send: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.backAgain;
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof CutOffError)) throw error;
      }
    }
  }

  /** Kills the server. Repeated requests wait until it runs again. */
  async kill(): Promise<void> {
    this.backAgain = new Promise((resolve) => {
      this.comeBack = resolve;
    });
    await this.server?.stop('SIGKILL');
  }

  async restart(): Promise<void> {
    this.server = await this.start();
    this.comeBack();
  }

  /**
   * Starts the server and kills it as soon as it says that it takes up dials of the previous process. On a fast machine it
   * may listen by then.
   * @returns whether it said so before the kill.
   */
  async killWhileStarting(): Promise<boolean> {
    let hasTakenUp = false;
    const start = this.start((child) => {
      child.stderr?.on('data', (lines: Buffer) => {
        if (!lines.includes('a process ended while it dialled')) return;
        hasTakenUp = true;
        child.kill('SIGKILL');
      });
    });
    const server = await start.catch(() => null);
    await server?.stop('SIGKILL');
    return hasTakenUp;
  }

  /** The run and the delivery id of each event that arrived. */
  events(): { run: number; delivery: string }[] {
    return this.receiver.requests.map(({ headers, body }) => {
      const { data } = JSON.parse(body.toString()) as CallCompletedEvent;
      return { run: data.id, delivery: String(headers['webhook-id']) };
    });
  }

  /** The port differs at each start. Clients ask the stage for it, and the carrier uses the public base URL. */
  private async start(whileStarting?: (child: ChildProcess) => void): Promise<ServerProcess> {
    const port = await freeTcpPort();
    const server = await startServerProcess(
      {
        ...receiversAllowed,
        PORT: String(port),
        DATABASE_URL: `file:${join(this.folder, 'trigger.db')}`,
        BOOTSTRAP_API_KEY: apiKey,
        TWILIO_API_BASE_URL: this.carrier.origin,
        PUBLIC_BASE_URL: publicBaseUrl,
        DEFAULT_ORG_CONCURRENCY_LIMIT: String(slots),
        LOG_LEVEL: 'info',
        ...this.environment,
      },
      whileStarting === undefined ? {} : { whileStarting },
    );
    return { ...server, baseUrl: `http://127.0.0.1:${String(port)}` };
  }

  /** A carrier account, a number of it, and an agent. */
  private async prepare(maxCallSeconds: number, settings: object): Promise<void> {
    this.triggerPath = /production {2}POST \S+(\/api\/v1\/\S+)/.exec(this.server?.output ?? '')?.[1] ?? '';
    const configurations = '/api/v1/organizations/telephony-configs';
    const added = await this.send('POST', configurations, {
      name: 'Line',
      is_default_outbound: true,
      config: { provider: 'twilio', account_sid: accountSid, auth_token: authToken, ...settings },
    });
    const { id } = JSON.parse(added.text) as { id: number };
    await this.send('POST', `${configurations}/${String(id)}/phone-numbers`, { address: '+14155550123' });
    await this.send('PUT', '/api/v1/workflow/1', {
      workflow_configurations: { ring_timeout_seconds: 5, max_call_duration: maxCallSeconds },
    });
    await this.send('POST', '/api/v1/workflow/1/publish');
  }

  private async exchange(path: string, request: RequestInit): Promise<Reply> {
    try {
      const reply = await fetch(`${this.server?.baseUrl ?? ''}${path}`, request);
      return { status: reply.status, headers: reply.headers, text: await reply.text() };
    } catch (error) {
      throw new CutOffError('No reply came', { cause: error });
    }
  }

  private deliver({ method, url, headers, body }: VendorCallback): Promise<Reply> {
    return this.exchange(url.slice(publicBaseUrl.length), {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  }
}
