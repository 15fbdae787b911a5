/** A host that is connected to a loopback Asterisk for the call of run 7, with the received reports. */
import { NoReplyError } from '../../../trigger-server/src/egress/client';
import { ari as provider } from '../../../trigger-server/src/carriers/providers/ari';
import type { AnsweredCall, UnfinishedCall } from '../../../trigger-server/src/carriers/port/call';
import type { CarrierConnection } from '../../../trigger-server/src/carriers/port/provider';
import type { StatusReport } from '../../../trigger-server/src/carriers/port/report';
import { ariSettings, startAri, type Ari } from './ari';
import { vendorHost, type VendorHost } from './host';
import { speaking } from '../wav';
import { announcement } from './instructions';

export const configurationId = 3;
/** How long the announcement of the call is. */
export const announcementSeconds = 10;
export const application = 'dograh_00000000000a';
export const channelId = `${application}-7`;
export const channelPath = new RegExp(`^/ari/channels/${channelId}$`);
export const playPath = new RegExp(`^/ari/channels/${channelId}/play/`);

/** The call of run 7 in the database. */
export function unfinishedCall(status: UnfinishedCall['status']): UnfinishedCall {
  return {
    runId: 7,
    attempt: 1,
    configurationId,
    status,
    calledNumber: '+14155550100',
    record: false,
    voicemail: null,
  };
}

export interface AriListener {
  vendor: Ari;
  host: VendorHost;
  /** Calls that were in progress before the connection. */
  unfinished: UnfinishedCall[];
  /** Requests whose reply is lost once. */
  lost: RegExp[];
  /** Connects, with other settings where they are given; `close` closes it. */
  connect(settings?: object): CarrierConnection | undefined;
  /** Resolves with the reports once there are so many. */
  reports(count: number): Promise<StatusReport[]>;
  /** Lets pending events arrive until it is so: each round is a real request to Asterisk. */
  settled(isSo: () => boolean): Promise<void>;
  /** Waits until everything that follows a reply or an event of Asterisk is done. */
  rest(): Promise<void>;
  /** Moves the clock. */
  advance(milliseconds: number): Promise<void>;
  callOf(options: Partial<AnsweredCall>): AnsweredCall;
  close(): Promise<void>;
}

export async function startAriListener(): Promise<AriListener> {
  const vendor = await startAri();
  const plain = vendorHost('ari', { origin: vendor.origin });
  /** Resolved when so many reports were made. */
  const waiting: { count: number; resolve: () => void }[] = [];
  let connection: CarrierConnection | undefined;
  const host: VendorHost = {
    ...plain,
    ttsCommand: speaking(announcementSeconds),
    async http(request) {
      const reply = await plain.http(request);
      const index = listener.lost.findIndex((path) => path.test(new URL(request.url).pathname));
      if (index < 0) return reply;
      listener.lost.splice(index, 1);
      throw new NoReplyError('The reply was lost');
    },
    unfinishedCalls: (id) => Promise.resolve(id === configurationId ? listener.unfinished : []),
    async report(runId, reports) {
      await plain.report(runId, reports);
      for (const { resolve } of waiting.filter(({ count }) => plain.reports.length >= count)) resolve();
    },
  };
  const listener: AriListener = {
    vendor,
    host,
    unfinished: [],
    lost: [],
    connect(settings = {}) {
      const options = { ...ariSettings(vendor), stasis_app_name: application, ...settings };
      connection = provider.connect?.(
        configurationId,
        provider.configuration.parse(options),
        host,
        host,
        () => true,
      );
      return connection;
    },
    async reports(count) {
      if (host.reports.length < count) {
        await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      }
      return host.reports.map(({ report }) => report);
    },
    async settled(isSo) {
      for (let round = 0; round < 2000; round += 1) {
        if (isSo()) return;
        await fetch(`${vendor.origin}/ari/none`);
      }
      throw new Error('It never came to be');
    },
    async rest() {
      let rounds = 0;
      await listener.settled(() => (rounds += 1) > 10);
    },
    advance: (milliseconds) => host.clock.advance(milliseconds, () => Promise.resolve()),
    callOf: (options) => ({
      runId: 7,
      attempt: 1,
      configurationId,
      instructions: announcement('Hello Jane'),
      ringTimeoutSeconds: 25,
      voicemail: null,
      maxCallDurationSeconds: 240,
      record: false,
      callbackUrl: (purpose) => host.callbackUrl(purpose),
      ...options,
    }),
    async close() {
      connection?.close();
      await host.close();
      await vendor.close();
    },
  };
  host.calls.set(7, listener.callOf({}));
  return listener;
}
