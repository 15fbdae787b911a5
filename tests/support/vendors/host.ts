/** The host services for a provider without a server: real except for the clock, and without storage. */
import { pino } from 'pino';
import { createAddressGuard } from '../../../trigger-server/src/egress/address-guard';
import { createCarrierHttp } from '../../../trigger-server/src/egress/client';
import type { AnsweredCall, CallReports, OutboundCall } from '../../../trigger-server/src/carriers/port/call';
import type { CallbackRequest } from '../../../trigger-server/src/carriers/port/callback';
import type { CallbackPurpose } from '../../../trigger-server/src/carriers/port/purpose';
import type { StatusReport } from '../../../trigger-server/src/carriers/port/report';
import type { CarrierTools } from '../../../trigger-server/src/carriers/port/tools';
import { ManualClock } from '../manual-clock';
import type { VendorCallback } from './vendor';
import { announcement } from './instructions';

export interface VendorHostOptions {
  /** The address of the loopback vendor, which replaces the vendor's scheme, host and port. */
  origin: string;
  publicBaseUrl?: string;
}

export interface VendorHost extends CarrierTools, CallReports {
  clock: ManualClock;
  /** The log lines, in JSON. */
  logLines: string[];
  /** The reports, in order. */
  reports: { runId: number; report: StatusReport }[];
  /** The arguments of `recorded`. */
  recordings: { runId: number; url: string }[];
  /** When a call is to be followed up, in milliseconds, as `followUpIn` was told last. */
  followUps: Map<number, number | null>;
  /** Calls that `answeredCall` finds. */
  calls: Map<number, AnsweredCall>;
  /** A callback URL like the server's, with a token that is not a real HMAC. */
  callbackUrl(purpose: string, runId?: number): string;
  close(): Promise<void>;
}

/** @param vendorName the provider's name in callback URLs. */
export function vendorHost(vendorName: string, options: VendorHostOptions): VendorHost {
  const guard = createAddressGuard(['127.0.0.1']);
  const carrier = createCarrierHttp({ addressGuard: guard, clock: new ManualClock() });
  const publicBaseUrl = options.publicBaseUrl ?? 'https://calls.example.test';
  const logLines: string[] = [];
  const reports: VendorHost['reports'] = [];
  const recordings: VendorHost['recordings'] = [];
  const calls: VendorHost['calls'] = new Map();
  const followUps: VendorHost['followUps'] = new Map();
  return {
    clock: new ManualClock(),
    log: pino({ level: 'trace' }, { write: (line: string) => void logLines.push(line) }),
    logLines,
    reports,
    recordings,
    calls,
    followUps,
    http: (request) => carrier.send(request, 1),
    download: carrier.download,
    guardedDispatcher: carrier.guardedDispatcher,
    unfinishedCalls: () => Promise.resolve([]),
    talkOf: () => Promise.resolve(null),
    hear: () => Promise.reject(new Error('A call of this host holds no conversation')),
    endTalk: () => Promise.reject(new Error('A call of this host holds no conversation')),
    nextOfTalk: () => Promise.reject(new Error('A call of this host holds no conversation')),
    apiUrl(url) {
      const { pathname, search } = new URL(url);
      return `${options.origin}${pathname}${search}`;
    },
    report: async ({ runId }, incoming) => {
      for (const report of incoming) reports.push({ runId, report });
    },
    recorded: async ({ runId }, { url }) => {
      recordings.push({ runId, url });
    },
    followUpIn: async ({ runId }, milliseconds) => {
      followUps.set(runId, milliseconds);
    },
    answeredCall: async (runId) => calls.get(runId) ?? null,
    callbackUrl: (purpose, runId = 7) =>
      `${publicBaseUrl}/api/v1/telephony/callbacks/${vendorName}/${purpose}/${String(runId)}/0/token-of-${purpose}`,
    serverId: 'ours',
    sandboxStepMilliseconds: 0,
    ttsCommand: [],
    sttCommand: [],
    close: () => carrier.close(),
  };
}

/** A call to place, with the callback addresses of the host. */
export function outboundCall(host: VendorHost, changes: Partial<OutboundCall> = {}): OutboundCall {
  return {
    runId: 7,
    attempt: 1,
    configurationId: 3,
    to: '+14155550100',
    from: '+14155550123',
    ringTimeoutSeconds: 25,
    voicemail: null,
    maxCallDurationSeconds: 240,
    record: false,
    loadInstructions: async () => announcement('Hello'),
    whyTooLate: () => null,
    callbackUrl: (purpose) => host.callbackUrl(purpose),
    reports: host,
    ...changes,
  };
}

/** A callback in the form that the server passes to a provider. */
export function received(callback: VendorCallback, purpose: CallbackPurpose = 'status'): CallbackRequest {
  const headers = new Headers(callback.headers);
  return {
    method: callback.method,
    purpose,
    url: callback.url,
    header: (name) => headers.get(name) ?? undefined,
    body: Buffer.from(callback.body ?? ''),
    receivedAt: new Date('2026-11-23T12:00:00.000Z'),
    receivedSteadyAt: new Date('2026-11-23T12:00:00.000Z'),
  };
}
