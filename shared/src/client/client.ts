/** The typed client of Dograh's API. It works with Dograh and with the bundled trigger server. */
import * as z from 'zod';
import { readAgent, type AgentDetails } from './agent-details';
import { waitForArtifact, type ArtifactKind, type ArtifactWaitOptions } from './artifacts';
import { listCalls, listNewestCalls, type CallListOptions, type NewestCallsOptions } from './call-list';
import type { CallRequest } from './call-request';
import { addCampaign, type AddedCampaign, type CampaignOrder } from './campaigns/add-campaign';
import { moveCampaign, type CampaignMove, type MovedCampaign } from './campaigns/move-campaign';
import {
  listCampaigns,
  readCampaign,
  readCampaignProgress,
  type ShownCampaign,
  type ShownProgress,
} from './campaigns/read-campaign';
import { cancelRun } from './cancel-run';
import { addToDoNotCall, findDoNotCall } from './do-not-call';
import { Connection, type ConnectionOptions } from './connection';
import {
  agentListItem,
  authenticatedUser,
  extensions,
  health,
  phoneNumberList,
  telephonyConfigurationList,
  user,
  webhookSecret,
  type AddToDoNotCallRequest,
  type CreatedHook,
  type DoNotCallEntry,
  type Extension,
  type PhoneNumber,
  type Run,
  type TelephonyConfigurationListItem,
  type UsagePage,
  type UsageRun,
} from '../contracts';
import { TriggerError } from '../errors';
import { pathId } from './path-id';
import { refuseUnlessScheduled } from './scheduling';
import { placeCall, type PlacedCall } from './place-call';
import { findCallOfStep, type CallOfStep, type StepOfCall } from './step-call';
import { subscribeToCalls, unsubscribeFromCalls, type CallSubscription } from './subscriptions';
import { readRun, type ReadRunOptions } from './read-run';
import { waitForRun, waitForRuns, type RunOutcome, type WaitOptions } from './wait-for-run';
import type { Transport } from './transport';

export type TriggerClientOptions = ConnectionOptions;

export interface ServerCapabilities {
  /** `null` when the health reply cannot be read. */
  version: string | null;
  /** The server's extensions of Dograh's API; empty on Dograh. */
  extensions: ReadonlySet<Extension>;
}

/** The owner of an API key. */
export interface Identity {
  userId: number;
  email: string | null;
  organizationId: number | null;
  /** Host of the server, with its port unless it is the default one. */
  host: string;
}

export interface AgentChoice {
  id: number;
  uuid: string;
  name: string;
}

/**
 * Every method throws TriggerError, and passes on errors of the host's own `sleep`. Reads are repeated at most
 * twice after a broken connection, 502, 503 or 504. Calls follow the stricter rule of {@link placeCall}.
 */
export class TriggerClient {
  readonly #connection: Connection;
  #capabilities: Promise<ServerCapabilities> | undefined;

  /**
   * @param transport Sends one request and adds the API key.
   * @throws TriggerError `invalid_input` when the base URL is not valid.
   */
  constructor(transport: Transport, options: TriggerClientOptions) {
    this.#connection = new Connection(transport, options);
  }

  /** Without `/api/v1` and without a trailing slash. */
  get baseUrl(): string {
    return this.#connection.baseUrl;
  }

  /**
   * The server's extensions (`GET /health`), read once per client. An unreadable reply means no extensions. After a
   * broken connection or a 5xx the next call reads them again.
   */
  capabilities(): Promise<ServerCapabilities> {
    this.#capabilities ??= this.#readCapabilities().catch((error: unknown) => {
      this.#capabilities = undefined;
      throw error;
    });
    return this.#capabilities;
  }

  async #readCapabilities(): Promise<ServerCapabilities> {
    try {
      const reply = await this.#connection.read('/health', health);
      const listed = new Set(reply.extensions);
      return { version: reply.version, extensions: new Set(extensions.filter((name) => listed.has(name))) };
    } catch (error) {
      if (!(error instanceof TriggerError) || error.code === 'unreachable' || error.code === 'server')
        throw error;
      return { version: null, extensions: new Set() };
    }
  }

  /**
   * Whether the server recognizes a repeated call by its idempotency key. This is asked after a dial with an
   * unknown outcome. If the question fails the answer is false, so that the caller receives the error of the dial.
   */
  async keepsIdempotencyKeys(): Promise<boolean> {
    try {
      return (await this.capabilities()).extensions.has('idempotency-key');
    } catch {
      return false;
    }
  }

  /** The owner of the API key; the cheapest way to test a key. */
  async whoAmI(): Promise<Identity> {
    const { id } = await this.#connection.read('/user/auth/user', authenticatedUser);
    const { email, organization_id: organizationId = null } = await this.#connection.read('/auth/me', user);
    return { userId: id, email, organizationId, host: new URL(this.baseUrl).host };
  }

  /**
   * Starts a call, at most once: see {@link placeCall}. A call that waits needs a server with the extension
   * `scheduling`; on another one it is refused before anything is sent.
   */
  async triggerCall(call: CallRequest): Promise<PlacedCall> {
    await refuseUnlessScheduled(call, async () => (await this.capabilities()).extensions.has('scheduling'));
    return placeCall(this.#connection, call, () => this.keepsIdempotencyKeys());
  }

  /** The call that a step placed, with any key: see {@link findCallOfStep}. */
  findCallOfStep(step: StepOfCall): Promise<CallOfStep | undefined> {
    return findCallOfStep(this.#connection, step);
  }

  /** The current state of one run. */
  getRun(runId: number, options: ReadRunOptions = {}): Promise<Run> {
    return readRun(this.#connection, runId, options);
  }

  /** One run, when it has ended: see {@link waitForRun}. */
  waitForRun(runId: number, options: WaitOptions): Promise<Run> {
    return waitForRun(this.#connection, runId, options);
  }

  /** Several runs, when they have ended, in one loop: see {@link waitForRuns}. */
  waitForRuns(runIds: readonly number[], options: WaitOptions): Promise<RunOutcome[]> {
    return waitForRuns(this.#connection, runIds, options);
  }

  /** One run, when its recording or transcript is there: see {@link waitForArtifact}. */
  waitForArtifact(runId: number, kind: ArtifactKind, options: ArtifactWaitOptions): Promise<Run> {
    return waitForArtifact(this.#connection, runId, kind, options);
  }

  /** Ends a call in progress, if the server supports it: see {@link cancelRun}. */
  cancelRun(runId: number): Promise<boolean> {
    return cancelRun(this.#connection, runId);
  }

  /** Adds a number to the do-not-call list: see {@link addToDoNotCall}. Needs the extension `do-not-call`. */
  async addToDoNotCall(number: string, addition: AddToDoNotCallRequest): Promise<DoNotCallEntry> {
    await this.#requireDoNotCall();
    return addToDoNotCall(this.#connection, number, addition);
  }

  /** The entry of a number on the do-not-call list: see {@link findDoNotCall}. Needs the extension `do-not-call`. */
  async findDoNotCall(number: string): Promise<DoNotCallEntry | null> {
    await this.#requireDoNotCall();
    return findDoNotCall(this.#connection, number);
  }

  async #requireDoNotCall(): Promise<void> {
    if ((await this.capabilities()).extensions.has('do-not-call')) return;
    throw new TriggerError({
      code: 'not_found',
      message: 'This server has no do-not-call list; the Dograh Trigger server has one. Nothing was changed.',
    });
  }

  /** Makes a campaign of a list of contacts, once for each list: see {@link addCampaign}. */
  addCampaign(
    order: CampaignOrder,
    upload: Transport,
    sha256Hex: (text: string) => string,
  ): Promise<AddedCampaign> {
    return addCampaign(this.#connection, order, upload, sha256Hex);
  }

  /** Starts, pauses or resumes a campaign: see {@link moveCampaign}. */
  moveCampaign(id: number, move: CampaignMove): Promise<MovedCampaign> {
    return moveCampaign(this.#connection, id, move);
  }

  /** The current state of one campaign. */
  getCampaign(id: number): Promise<ShownCampaign> {
    return readCampaign(this.#connection, id);
  }

  /** How many contacts of a campaign were called so far. */
  readCampaignProgress(id: number): Promise<ShownProgress> {
    return readCampaignProgress(this.#connection, id);
  }

  /** The campaigns of the organization, newest first. */
  listCampaigns(): Promise<ShownCampaign[]> {
    return listCampaigns(this.#connection);
  }

  /** A page of the organization's calls, newest first: see {@link listCalls}. */
  listCalls(options: CallListOptions = {}): Promise<UsagePage> {
    return listCalls(this.#connection, options);
  }

  /** The newest `maximum` calls (`Infinity`: all of them): see {@link listNewestCalls}. */
  listNewestCalls(maximum: number, options: NewestCallsOptions = {}): Promise<UsageRun[]> {
    return listNewestCalls(this.#connection, maximum, options);
  }

  /** Subscribes to events of ended calls: see {@link subscribeToCalls}. */
  subscribeToCalls(subscription: CallSubscription): Promise<CreatedHook> {
    return subscribeToCalls(this.#connection, subscription);
  }

  /** Ends a subscription: see {@link unsubscribeFromCalls}. */
  unsubscribeFromCalls(id: number): Promise<void> {
    return unsubscribeFromCalls(this.#connection, id);
  }

  /** The secret that signs the events of subscriptions. It changes when it is rotated. */
  async readWebhookSecret(): Promise<string> {
    return (await this.#connection.read('/organizations/webhook-secret', webhookSecret)).secret;
  }

  /** The active agents, by name. */
  async listAgents(options: { signal?: AbortSignal } = {}): Promise<AgentChoice[]> {
    const agents = await this.#connection.read(
      '/workflow/fetch?status=active',
      z.array(agentListItem),
      options,
    );
    return agents
      .flatMap(({ id, name, workflow_uuid: uuid }) => (uuid ? [{ id, uuid, name }] : []))
      .sort((left, right) => left.name.localeCompare(right.name, 'en') || left.id - right.id);
  }

  /** The active agent with this UUID. @throws TriggerError `not_found` when there is none. */
  async findAgent(uuid: string, options: { signal?: AbortSignal } = {}): Promise<AgentChoice> {
    const agent = (await this.listAgents(options)).find((choice) => choice.uuid === uuid);
    if (agent) return agent;
    throw new TriggerError({
      code: 'not_found',
      message: `The organization of this API key has no active agent with the UUID ${uuid}.`,
    });
  }

  /** One agent with its trigger UUIDs and variables. */
  getAgent(id: number): Promise<AgentDetails> {
    return readAgent(this.#connection, id);
  }

  /** The telephony configurations, oldest first, including inactive ones. */
  async listTelephonyConfigurations(): Promise<TelephonyConfigurationListItem[]> {
    const reply = await this.#connection.read('/organizations/telephony-configs', telephonyConfigurationList);
    return reply.configurations;
  }

  /** The phone numbers of one telephony configuration, oldest first, including inactive ones. */
  async listPhoneNumbers(configurationId: number): Promise<PhoneNumber[]> {
    const path = `/organizations/telephony-configs/${pathId('telephony configuration', configurationId)}/phone-numbers`;
    return (await this.#connection.read(path, phoneNumberList)).phone_numbers;
  }
}
