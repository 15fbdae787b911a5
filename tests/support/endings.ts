/** The documented endings of `tests/fixtures/endings/`, and how each carrier's reports are sent to the server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, Run, Voicemail } from '@dograh-trigger/shared';
import { callbackUrl } from '../../trigger-server/src/calls/carrier/callback-urls';
import type { CallbackPurpose } from '../../trigger-server/src/carriers/port/purpose';
import { createAgent, type TestAgent } from './agents';
import { readRun, startCall } from './calls';
import { configurationsPath } from './telephony';
import { startTestServer, type Account, type TestServer } from './test-server';
import { ariSettings, startAri, type Ari } from './vendors/ari';
import { bearerToken, domain, startCloudonix } from './vendors/cloudonix';
import { plivoCredentials, signPlivo, startPlivo } from './vendors/plivo';
import { startTelnyx, telnyxSettings, telnyxWebhook, type Telnyx } from './vendors/telnyx';
import { accountSid, authToken, startTwilio, twilioCallback } from './vendors/twilio';
import type { Vendor, VendorCallback } from './vendors/vendor';
import { signVobiz, startVobiz, vobizCredentials } from './vendors/vobiz';
import { startVonage, vonageEvent, vonageSettings } from './vendors/vonage';

type Fields = Record<string, string>;

export interface Report {
  /** The purpose of the address that it goes to. */
  report: CallbackPurpose;
  fields: Fields;
}
export type Step = Report | { event: { type: string } } | { cancel: true };

/** What the API must say of a run. */
export interface ExpectedRun {
  status: string;
  disposition: string;
  reason: string | null;
  answered_by?: string;
  answered_by_raw?: string;
  carrier_reason?: string;
  sip_code?: number;
  seconds?: number;
  voicemail_left?: boolean | null;
}

export interface Ending {
  cell: string;
  title: string;
  source: string;
  /** All of it, in order. */
  steps: Step[];
  run: ExpectedRun;
}

/** A call that says what happens if a machine answers. */
export interface VoicemailCall extends Omit<Ending, 'cell'> {
  voicemail: Voicemail;
  /** The texts of the transcript. */
  spoken: string[];
  /** What the server asked of the carrier during the call. */
  commands: string[];
}

/** An ending that the carrier does not have. */
export interface MissingEnding {
  cell: string;
  title: string;
  source: string;
  not_offered: string;
}

interface EndingsFile {
  common: Fields;
  starts: Record<string, Step[]>;
  rows: ((Ending & { after?: string }) | MissingEnding)[];
  voicemail?: (VoicemailCall & { after?: string })[];
}

export interface PlacedCall {
  runId: number;
  /** The carrier's id of the call. */
  callId: string;
}

export const vendorNames = ['twilio', 'plivo', 'vobiz', 'vonage', 'telnyx', 'cloudonix', 'ari'] as const;
export type VendorName = (typeof vendorNames)[number];

export function endingsOf(name: VendorName): (Ending | MissingEnding)[] {
  return readEndings(name).rows.map((row) =>
    'steps' in row ? { ...row, steps: [...startOf(name, row.after), ...row.steps] } : row,
  );
}

/** Those that can be played. */
export function playableEndingsOf(name: VendorName): Ending[] {
  return endingsOf(name).filter((row) => 'steps' in row);
}

export function voicemailCallsOf(name: VendorName): VoicemailCall[] {
  const rows = readEndings(name).voicemail ?? [];
  return rows.map((row) => ({ ...row, steps: [...startOf(name, row.after), ...row.steps] }));
}

function readEndings(name: VendorName): EndingsFile {
  const file = join(__dirname, '..', 'fixtures', 'endings', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as EndingsFile;
}

function startOf(name: VendorName, after: string | undefined): Step[] {
  if (after === undefined) return [];
  const start = readEndings(name).starts[after];
  if (start === undefined) throw new Error(`${name} has no start named ${after}`);
  return start;
}

interface VendorSetUp {
  start(): Promise<Vendor>;
  configuration(vendor: Vendor): object;
  /** The report as it goes over the wire, signed as the vendor signs. */
  send(url: string, purpose: CallbackPurpose, fields: Fields): VendorCallback;
  /** What the server has asked of the vendor about calls, in the words of the data. */
  commands?(vendor: Vendor): string[];
}

const json = { 'content-type': 'application/json' };
const form = (fields: Fields) => new URLSearchParams(fields).toString();

const setUps: Record<VendorName, VendorSetUp> = {
  twilio: {
    start: startTwilio,
    configuration: () => ({ account_sid: accountSid, auth_token: authToken, amd_enabled: true }),
    send: (url, _purpose, fields) => twilioCallback(url, fields),
    commands: ({ requests }) =>
      requests
        .filter(({ method, body }) => method === 'POST' && new URLSearchParams(body.toString()).has('Url'))
        .map(() => 'redirect'),
  },
  plivo: {
    start: startPlivo,
    configuration: () => ({ ...plivoCredentials, amd_enabled: true }),
    commands: ({ requests }) => requests.filter(({ method }) => method === 'POST').map(() => 'redirect'),
    send: (url, _purpose, fields) => ({
      method: 'POST',
      url,
      headers: signPlivo(url, fields),
      body: form(fields),
    }),
  },
  vobiz: {
    start: () => startVobiz(),
    configuration: () => ({ ...vobizCredentials, amd_enabled: true }),
    commands: ({ requests }) => requests.filter(({ method }) => method === 'POST').map(() => 'redirect'),
    send: (url, _purpose, fields) => ({ method: 'POST', url, headers: signVobiz(url), body: form(fields) }),
  },
  vonage: {
    start: startVonage,
    configuration: () => vonageSettings,
    commands: ({ requests }) =>
      requests
        .filter(({ method, body }) => method === 'PUT' && /"transfer"/.test(body.toString()))
        .map(() => 'redirect'),
    send: (url, purpose, fields) =>
      purpose === 'answer' || purpose === 'message' || purpose === 'redirected'
        ? { method: 'GET', url: `${url}?${form(fields)}`, headers: {} }
        : vonageEvent(url, fields),
  },
  telnyx: {
    start: startTelnyx,
    configuration: () => telnyxSettings,
    commands: (vendor) =>
      (vendor as Telnyx).commands.map(({ action }) => (action === 'hangup' ? 'hang_up' : action)),
    send(url, _purpose, { event_type = '', occurred_at = '', payload, ...common }) {
      return telnyxWebhook(url, event_type, Object.assign(common, payload), new Date(occurred_at));
    },
  },
  cloudonix: {
    start: startCloudonix,
    configuration: () => ({ bearer_token: bearerToken, domain_id: domain }),
    send: (url, purpose, fields) =>
      purpose === 'status'
        ? { method: 'POST', url, headers: json, body: JSON.stringify(fields) }
        : {
            method: 'POST',
            url,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: form(fields),
          },
  },
  ari: {
    start: startAri,
    configuration: (vendor) => ariSettings(vendor),
    send() {
      throw new Error('Asterisk sends events, and calls nobody back');
    },
  },
};

const publicBaseUrl = 'https://calls.example.test';

/** Between two steps of a call in which it matters how much was heard. */
const stepMilliseconds = 1000;

/** A server with one carrier, whose calls are ended here as the carrier documents it. */
export class EndingsScene {
  #startOfCall = 0;

  private constructor(
    private readonly name: VendorName,
    private readonly server: TestServer,
    private readonly vendor: Vendor,
    private readonly account: Account,
    private readonly agent: TestAgent,
    private readonly configurationId: number,
  ) {}

  static async open(name: VendorName): Promise<EndingsScene> {
    const vendor = await setUps[name].start();
    const server = await startTestServer({
      PUBLIC_BASE_URL: publicBaseUrl,
      DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
      ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
      ...(name === 'ari' ? {} : { [`${name.toUpperCase()}_API_BASE_URL`]: vendor.origin }),
    });
    const account = await server.signUp();
    const agent = await createAgent(server, account);
    const created = await server.request
      .post(configurationsPath)
      .set('X-API-Key', account.apiKey)
      .send({ name: 'Carrier', config: { provider: name, ...setUps[name].configuration(vendor) } })
      .expect(200);
    const { id } = created.body as { id: number };
    await server.request
      .post(`${configurationsPath}/${String(id)}/phone-numbers`)
      .set('X-API-Key', account.apiKey)
      .send({ address: '+14155550123' })
      .expect(200);
    const scene = new EndingsScene(name, server, vendor, account, agent, id);
    if (name === 'ari') await scene.#until(async () => server.services.connections.faultOf(id) === null);
    return scene;
  }

  /** Places a call and lets all of it happen. @returns the run. */
  async play(steps: readonly Step[], voicemail?: Voicemail): Promise<Run> {
    const { runId, callId } = await this.place(voicemail);
    let refused: Report[] = [];
    const played = new Set<string>();
    let passed = 0;
    for (const step of steps) {
      const own = JSON.parse(JSON.stringify(step).replaceAll('{call_id}', callId)) as Step;
      if (voicemail !== undefined && 'report' in own && own.fields.occurred_at !== undefined) {
        own.fields.occurred_at = this.server.clock.now().toISOString();
      }
      if ('cancel' in own) await this.#cancel(runId);
      else if ('event' in own) await this.#happen(runId, callId, own.event);
      else refused = await this.#deliver(runId, callId, [own, ...refused]);
      // A report that is repeated takes no time: a call lasts as long as the carrier says, however often it reports.
      const pause = played.has(JSON.stringify(step)) ? 0 : stepMilliseconds;
      played.add(JSON.stringify(step));
      if (voicemail !== undefined) await this.server.advance(pause);
      passed += pause;
    }
    // By the wall clock, every call begins when the signatures of its reports are valid.
    if (voicemail !== undefined) this.server.clock.jump(-passed);
    if (this.name === 'ari') await this.#until(async () => (await this.read(runId)).is_completed);
    return this.read(runId);
  }

  /** Places a call. */
  async place(voicemail?: Voicemail): Promise<PlacedCall> {
    this.#startOfCall = this.#commandsSoFar().length;
    const runId = await startCall(this.server, this.account, this.agent, {
      phone_number: '+14155550100',
      voicemail,
    });
    const { call_id: callId } = (await this.read(runId)).gathered_context ?? {};
    if (typeof callId !== 'string') throw new Error('The carrier did not say which call it is');
    return { runId, callId };
  }

  /** Sends a request or a report of the carrier, and moves the clock by two seconds. @returns the body of the reply. */
  async ask({ runId, callId }: PlacedCall, report: Report): Promise<string> {
    const { status, text } = await this.#report(runId, callId, report);
    expect(status).toBe(200);
    await this.server.advance(2000);
    this.server.clock.jump(-2000);
    return text;
  }

  /** What the server asked of the carrier during the last call, in the words of the data. */
  commands(): string[] {
    return this.#commandsSoFar().slice(this.#startOfCall);
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.vendor.close();
  }

  #commandsSoFar(): string[] {
    const setUp = setUps[this.name];
    return setUp.commands?.(this.vendor) ?? [];
  }

  read(runId: number): Promise<Run> {
    return readRun(this.server, this.account, runId);
  }

  async #cancel(runId: number): Promise<void> {
    await this.server.request
      .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
      .set('X-API-Key', this.account.apiKey)
      .expect(202);
  }

  /** @returns those that the server wants delivered again, as it says with a 503. */
  async #deliver(runId: number, callId: string, reports: readonly Report[]): Promise<Report[]> {
    const refused: Report[] = [];
    for (const one of reports) {
      if ((await this.#report(runId, callId, one)).status === 503) refused.push(one);
    }
    return refused;
  }

  async #report(runId: number, callId: string, { report: purpose, fields }: Report) {
    const { name, server, configurationId } = this;
    const common = JSON.stringify(readEndings(name).common).replaceAll('{call_id}', callId);
    const target = { provider: name, configurationId, runId, attempt: 1, purpose, turn: 0 };
    const callback = setUps[name].send(callbackUrl(server.services, target), purpose, {
      ...(JSON.parse(common) as Fields),
      ...fields,
    });
    if (fields.event_type === 'call.hangup') (this.vendor as Telnyx).end(callId);
    const path = callback.url.slice(publicBaseUrl.length);
    const request = callback.method === 'GET' ? server.request.get(path) : server.request.post(path);
    const { status, text } = await request.set(callback.headers).send(callback.body);
    expect([200, 503]).toContain(status);
    return { status, text };
  }

  /** Asterisk says it to whoever is connected; its REST side then says the same of the channel. */
  async #happen(runId: number, channelId: string, event: { type: string }): Promise<void> {
    const vendor = this.vendor as Ari;
    const { state } = (event as { channel?: { state: string } }).channel ?? {};
    if (event.type === 'ChannelDestroyed') vendor.channels.delete(channelId);
    else if (state !== undefined) vendor.channels.set(channelId, state);
    vendor.send(event);
    // Nothing shows that an event was taken in. What is asked twenty times after it is asked after it.
    for (let round = 0; round < 20; round += 1) await this.read(runId);
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 2000; round += 1) {
      if (await isSo()) return;
      await this.server.request.get('/api/v1/health');
    }
    throw new Error('It never came to be');
  }
}

/** What the API says of a run, in the words of the data. Only what the data speaks of. */
export function saidOf(run: Run, expected: ExpectedRun): Partial<ExpectedRun> {
  const gathered = run.gathered_context ?? {};
  const said: Record<string, unknown> = {
    ...gathered,
    status: run.status,
    disposition: gathered.call_disposition,
    reason: run.reason,
    seconds: run.usage_info?.call_duration_seconds,
    voicemail_left: run.voicemail_left,
  };
  return Object.fromEntries(Object.keys(expected).map((key) => [key, said[key]]));
}

/** What was spoken, by the transcript of a run. */
export function spokenIn(run: Run): unknown[] {
  const events = (run.logs?.realtime_feedback_events ?? []) as { type: string; payload: JsonObject }[];
  return events.filter(({ type }) => type === 'rtf-bot-text').map(({ payload }) => payload.text);
}
