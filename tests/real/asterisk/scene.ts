/** A real server that calls real SIP phones through a real Asterisk, and what a test does there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  TriggerClient,
  type AgentDefinition,
  type UpdateAgentRequest,
  type Run,
  type TelephonyConfiguration,
} from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import request from 'supertest';
import { createAgent, definitionWith, publish, saveDraft, type TestAgent } from '../../support/agents';
import { freeTcpPort } from '../../support/free-port';
import { printedKey } from '../../support/printed-request';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { configurationsPath } from '../../support/telephony';
import { until } from '../until';
import { installAsterisk } from './install';
import { ariUser, startPbx, type Pbx } from './pbx';

/** trunk.xml defines how these phones behave. */
export const phone = {
  listens: '+14155550001',
  hangsUp: '+14155550002',
  isBusy: '+14155550003',
  declines: '+14155550004',
  rings: '+14155550005',
  isAway: '+14155550006',
  hangsUpAtOnce: '+14155550007',
  interrupts: '+14155550008',
  isSearched: '+14155550009',
  answersLate: '+14155550010',
  doesNotExist: '+14155559999',
};
export const callerNumber = '+14155550100';
const usualGreeting = 'Hello {{user.name}}, this is a reminder of your appointment tomorrow at nine.';
export const announcement = 'Hello Jane, this is a reminder of your appointment tomorrow at nine.';

export class Scene {
  server!: ServerProcess;
  agent!: TestAgent;
  /** The configuration whose trunk leads to the phones. */
  trunk!: number;
  #client: TriggerClient | undefined;
  #account = { apiKey: '', token: '', organizationId: 0, userId: 0 };

  private constructor(
    readonly pbx: Pbx,
    /** Removed at the end. */
    readonly folder: string,
    /** The command that speaks. */
    readonly espeak: string,
    private readonly environment: Record<string, string>,
  ) {}

  /** @param environment more variables of the server. */
  static async open(environment: Record<string, string> = {}): Promise<Scene> {
    const root = installAsterisk();
    const folder = mkdtempSync(join(tmpdir(), 'asterisk-suite-'));
    const port = String(await freeTcpPort());
    const espeak = `chroot ${root} espeak-ng --stdout --stdin`;
    const scene = new Scene(await startPbx(root), folder, espeak, {
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      PORT: port,
      PUBLIC_BASE_URL: `http://127.0.0.1:${port}`,
      ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
      DEFAULT_ORG_CONCURRENCY_LIMIT: '2',
      TTS_COMMAND: espeak,
      ...environment,
    });
    try {
      await scene.#begin();
    } catch (error) {
      await scene.close();
      throw error;
    }
    return scene;
  }

  async #begin(): Promise<void> {
    await this.startServer();
    this.#account = { ...this.#account, apiKey: printedKey(this.server.output) };
    this.trunk = await this.configure('Trunk', 'PJSIP/{number}@trunk');
    await this.api('post', `${configurationsPath}/${String(this.trunk)}/phone-numbers`, {
      address: callerNumber,
    });
    this.agent = await this.agentThat({ ring_timeout_seconds: 5 });
  }

  /** Starts the server, again after its end. @param changes to its environment. */
  async startServer(changes: Record<string, string> = {}): Promise<void> {
    this.server = await startServerProcess({ ...this.environment, ...changes });
  }

  async close(): Promise<void> {
    await (this.server as ServerProcess | undefined)?.stop('SIGKILL');
    await this.pbx.close();
    rmSync(this.folder, { recursive: true });
  }

  async api(method: 'get' | 'post', path: string, body?: object): Promise<unknown> {
    const asked = request(this.server.baseUrl)[method](path).set('X-API-Key', this.#account.apiKey);
    return (await (body === undefined ? asked : asked.send(body)).expect(200)).body;
  }

  async isReady(configurationId: number): Promise<boolean> {
    return (await this.blockedReason(configurationId)) === null;
  }

  /** Why calls cannot be placed through it; null when they can. */
  async blockedReason(configurationId: number): Promise<string | null> {
    const shown = await this.api('get', `${configurationsPath}/${String(configurationId)}`);
    return (shown as TelephonyConfiguration).setup_checklist?.outbound_blocked_reason ?? null;
  }

  /** Creates a connected configuration and returns its id. */
  async configure(name: string, dialTemplate: string): Promise<number> {
    const config = {
      provider: 'ari',
      ari_endpoint: this.pbx.endpoint,
      ...ariUser,
      dial_template: dialTemplate,
    };
    const { id } = (await this.api('post', configurationsPath, { name, config })) as { id: number };
    await until('the server is connected to Asterisk', () => this.isReady(id));
    return id;
  }

  async agentThat(
    configurations: { ring_timeout_seconds: number; max_call_duration?: number },
    greeting = usualGreeting,
  ): Promise<TestAgent> {
    return this.agentWith(definitionWith({ greeting }), configurations);
  }

  async agentWith(
    definition: AgentDefinition,
    configurations: NonNullable<UpdateAgentRequest['workflow_configurations']>,
  ): Promise<TestAgent> {
    const caller = { request: request(this.server.baseUrl) };
    const made = await createAgent(caller, this.#account, definition);
    await saveDraft(caller, this.#account, made, { workflow_configurations: configurations });
    await publish(caller, this.#account, made);
    return made;
  }

  trigger(number: string, configurationId = this.trunk, target = this.agent) {
    return request(this.server.baseUrl)
      .post(`/api/v1/public/agent/${target.triggerPath}`)
      .set('X-API-Key', this.#account.apiKey)
      .send({
        phone_number: number,
        initial_context: { user: { name: 'Jane' } },
        telephony_configuration_id: configurationId,
      });
  }

  /** Places a call and returns its run. */
  async call(number: string, target = this.agent, configurationId = this.trunk): Promise<number> {
    const reply = await this.trigger(number, configurationId, target).expect(200);
    return (reply.body as { workflow_run_id: number }).workflow_run_id;
  }

  /** The run, once it has ended. */
  ended(runId: number): Promise<Run> {
    return this.#reader().waitForRun(runId, { timeoutSeconds: 40, pollIntervalSeconds: 0.1 });
  }

  async reaches(runId: number, status: Run['status']): Promise<void> {
    const client = this.#reader();
    await until(`the call is ${String(status)}`, async () => (await client.getRun(runId)).status === status);
  }

  #reader(): TriggerClient {
    this.#client ??= new TriggerClient(axiosTransport({ apiKey: this.#account.apiKey }), {
      baseUrl: this.server.baseUrl,
      sleep,
    });
    return this.#client;
  }

  /** The number of calls in progress in the organization. */
  async countUnfinished(): Promise<number> {
    const agents = (await this.api('get', '/api/v1/workflow/fetch')) as { id: number }[];
    let unfinished = 0;
    for (const { id } of agents) {
      const { runs } = (await this.api('get', `/api/v1/workflow/${String(id)}/runs`)) as { runs: Run[] };
      unfinished += runs.filter((run) => !run.is_completed).length;
    }
    return unfinished;
  }

  cancel(runId: number) {
    return request(this.server.baseUrl)
      .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
      .set('X-API-Key', this.#account.apiKey);
  }
}

export function outcome(run: Run) {
  return {
    status: run.status,
    disposition: run.gathered_context?.call_disposition,
    seconds: run.usage_info?.call_duration_seconds,
  };
}

/** The agent's words in the log of the run. */
export function spoken(run: Run): string[] {
  const { realtime_feedback_events: events = [] } = run.logs as {
    realtime_feedback_events?: { type: string; payload: { text?: string } }[];
  };
  return events.flatMap(({ type, payload }) => (type === 'rtf-bot-text' ? [payload.text ?? ''] : []));
}

/** Matches a number, both limits included. */
export function between(least: number, most: number): unknown {
  return {
    asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= least && value <= most,
  };
}
