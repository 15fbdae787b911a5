/** The typed client of Dograh's API, for Dograh itself and for the bundled trigger server alike. */
import * as z from 'zod';
import { readAgent, type AgentDetails } from './agent-details';
import { waitForArtifact, type ArtifactKind, type ArtifactWaitOptions } from './artifacts';
import { listCalls, listNewestCalls, type CallListOptions, type NewestCallsOptions } from './call-list';
import type { CallRequest } from './call-request';
import { cancelRun } from './cancel-run';
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
  type CreatedHook,
  type Extension,
  type PhoneNumber,
  type Run,
  type TelephonyConfigurationListItem,
  type UsagePage,
  type UsageRun,
} from '../contracts';
import { TriggerError } from '../errors';
import { pathId } from './path-id';
import { placeCall, type PlacedCall } from './place-call';
import { findCallOfStep, type CallOfStep, type StepOfCall } from './step-call';
import { subscribeToCalls, unsubscribeFromCalls, type CallSubscription } from './subscriptions';
import { readRun, type ReadRunOptions } from './read-run';
import { waitForRun, waitForRuns, type RunOutcome, type WaitOptions } from './wait-for-run';
import type { Transport } from './transport';

export type TriggerClientOptions = ConnectionOptions;

export interface ServerCapabilities {
  /** `null` when the server's health reply cannot be read. */
  version: string | null;
  /** What the server adds to Dograh's API; empty on Dograh itself. */
  extensions: ReadonlySet<Extension>;
}

/** Whom an API key belongs to. */
export interface Identity {
  userId: number;
  email: string | null;
  organizationId: number | null;
  /** Host, and port if it is not the usual one, of the server. */
  host: string;
}

export interface AgentChoice {
  id: number;
  uuid: string;
  name: string;
}

/**
 * Every method throws TriggerError, and lets through only what the host's own `sleep` throws. Reads are sent again after a broken connection, 502, 503 or
 * 504, at most twice; calls follow the stricter rule of {@link placeCall}.
 */
export class TriggerClient {
  readonly #connection: Connection;
  #capabilities: Promise<ServerCapabilities> | undefined;

  /**
   * @param transport Sends one request and adds the API key.
   * @throws TriggerError `invalid_input` when the base URL is none.
   */
  constructor(transport: Transport, options: TriggerClientOptions) {
    this.#connection = new Connection(transport, options);
  }

  /** Without `/api/v1` and without a trailing slash. */
  get baseUrl(): string {
    return this.#connection.baseUrl;
  }

  /**
   * What the server adds to Dograh's API (`GET /health`), read once per client. A reply that cannot be read means
   * no additions. After a broken connection or a 5xx the next call asks again.
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
   * Whether the server recognizes a repeated call by its idempotency key. The question comes after a dial whose
   * outcome is unclear; if it fails the answer is no, because that dial is what the caller must hear of.
   */
  async keepsIdempotencyKeys(): Promise<boolean> {
    try {
      return (await this.capabilities()).extensions.has('idempotency-key');
    } catch {
      return false;
    }
  }

  /** Whom the API key belongs to; the cheapest way to test a key. */
  async whoAmI(): Promise<Identity> {
    const { id } = await this.#connection.read('/user/auth/user', authenticatedUser);
    const { email, organization_id: organizationId = null } = await this.#connection.read('/auth/me', user);
    return { userId: id, email, organizationId, host: new URL(this.baseUrl).host };
  }

  /** Starts a call, at most once: see {@link placeCall}. */
  triggerCall(call: CallRequest): Promise<PlacedCall> {
    return placeCall(this.#connection, call, () => this.keepsIdempotencyKeys());
  }

  /** The call that a step has placed, whatever its key was: see {@link findCallOfStep}. */
  findCallOfStep(step: StepOfCall): Promise<CallOfStep | undefined> {
    return findCallOfStep(this.#connection, step);
  }

  /** One run, as it is now. */
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

  /** Ends a call under way, where the server can: see {@link cancelRun}. */
  cancelRun(runId: number): Promise<boolean> {
    return cancelRun(this.#connection, runId);
  }

  /** A page of the organization's calls, newest first: see {@link listCalls}. */
  listCalls(options: CallListOptions = {}): Promise<UsagePage> {
    return listCalls(this.#connection, options);
  }

  /** The newest `maximum` calls (`Infinity`: all of them): see {@link listNewestCalls}. */
  listNewestCalls(maximum: number, options: NewestCallsOptions = {}): Promise<UsageRun[]> {
    return listNewestCalls(this.#connection, maximum, options);
  }

  /** Asks for an event at the end of calls: see {@link subscribeToCalls}. */
  subscribeToCalls(subscription: CallSubscription): Promise<CreatedHook> {
    return subscribeToCalls(this.#connection, subscription);
  }

  /** Ends a subscription: see {@link unsubscribeFromCalls}. */
  unsubscribeFromCalls(id: number): Promise<void> {
    return unsubscribeFromCalls(this.#connection, id);
  }

  /** What the events of subscriptions are signed with; it may have been rotated. */
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

  /** The carriers' accounts, oldest first, inactive ones too. */
  async listTelephonyConfigurations(): Promise<TelephonyConfigurationListItem[]> {
    const reply = await this.#connection.read('/organizations/telephony-configs', telephonyConfigurationList);
    return reply.configurations;
  }

  /** The phone numbers of one telephony configuration, oldest first, inactive ones too. */
  async listPhoneNumbers(configurationId: number): Promise<PhoneNumber[]> {
    const path = `/organizations/telephony-configs/${pathId('telephony configuration', configurationId)}/phone-numbers`;
    return (await this.#connection.read(path, phoneNumberList)).phone_numbers;
  }
}
