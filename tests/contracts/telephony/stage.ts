/** A provider under test, and its stage: the server, the loopback vendor, and what each test does with them. */
import type { Run } from '@dograh-trigger/shared';
import type { TestAgent } from '../../support/agents';
import type { ReceivedRequest } from '../../support/local-server';
import type { Account, TestServer } from '../../support/test-server';
import type { CallEvent, Vendor, VendorCallback } from '../../support/vendors/vendor';

export interface ProviderUnderTest {
  /** Its name in the registry. */
  name: string;
  startVendor(): Promise<Vendor>;
  /** A `config` for `POST /organizations/telephony-configs`, without `provider`. Every secret in it holds the word SECRET. */
  configuration(vendor: Vendor): Record<string, string | boolean | number>;
  /** Environment variables with the vendor's address, e.g. `{ EXAMPLE_API_BASE_URL: vendor.origin }`. */
  environment(vendor: Vendor): Record<string, string>;
  /** Whether the carrier's callbacks are signed by the carrier (and not by our URL alone). */
  signs: { status: boolean; answer: boolean };
  /**
   * Set for a carrier that requests no answer document: it receives the instructions with the dial, or as commands
   * later.
   */
  asksForNoAnswer?: true;
  /** Set for a carrier that, when it is asked, does not say why an unanswered call ended. */
  saysOnlyThatItEnded?: true;
  /** Set for a carrier that plays a sound file, so that the spoken text cannot be tested. */
  playsSound?: true;
  /** For a provider whose calls another server holds: the agent there. Its loopback lists a call whose dial it read. */
  handsOverTo?: string;
  /** For a provider that receives reports over its own connection: waits until calls can be placed. */
  ready?(server: TestServer, vendor: Vendor): Promise<void>;
  /** For such a provider: makes the vendor report an event and waits until the server has processed it. */
  deliver?(server: TestServer, vendor: Vendor, dial: ReceivedRequest, event: CallEvent): Promise<void>;
}

/** Each test has new ones, so they are read from the stage in the test. */
export interface Stage {
  readonly vendor: Vendor;
  readonly server: TestServer;
  readonly account: Account;
  readonly agent: TestAgent;
  /** Adds the provider to an organization, with the caller ID. */
  configure: (owner: Account) => Promise<number>;
  /** The unsent request that starts a call. */
  trigger: (key?: string) => ReturnType<TestServer['request']['post']>;
  place: (owner?: Account, agent?: TestAgent) => Promise<{ runId: number; dial: ReceivedRequest }>;
  lastDial: () => ReceivedRequest;
  run: (runId: number, owner?: Account) => Promise<Run>;
  /** How many runs have not ended. */
  unfinished: () => Promise<number>;
  /** The unsent callback. */
  send: (callback: VendorCallback) => ReturnType<TestServer['request']['post']>;
  /** @returns whether the vendor reports such an event. */
  deliver: (dial: ReceivedRequest, event: CallEvent) => Promise<boolean>;
}

export const calledNumber = '+14155550100';

export const endings: [CallEvent, Run['status']][] = [
  ['busy', 'busy'],
  ['no-answer', 'no-answer'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
];
