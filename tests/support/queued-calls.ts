/** An organization whose calls wait: through the sandbox, by triggers and reads of the API. */
import type { Run, RunStatus } from '@dograh-trigger/shared';
import { createAgent, type TestAgent } from './agents';
import { readRun } from './calls';
import { addConfiguration } from './telephony';
import { startTestServer, type Account, type TestServer } from './test-server';

// The clock of the tests begins on Monday, 23 November 2026, at 12:00 UTC.
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export class QueuedCalls {
  private constructor(
    readonly server: TestServer,
    readonly account: Account,
    readonly agent: TestAgent,
    /** Of its sandbox. */
    readonly configurationId: number,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<QueuedCalls> {
    return QueuedCalls.on(await startTestServer(environment));
  }

  /** Another organization of a server. */
  static async on(server: TestServer): Promise<QueuedCalls> {
    const account = await server.signUp();
    const agent = await createAgent(server, account);
    const { id } = await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
    return new QueuedCalls(server, account, agent, id);
  }

  /** A request to call +1 415 555 0100, not sent yet. @param key its idempotency key. */
  trigger(body: object, key?: string, by: Account = this.account) {
    const request = this.server.request
      .post(`/api/v1/public/agent/${this.agent.triggerPath}`)
      .set('X-API-Key', by.apiKey);
    if (key !== undefined) void request.set('Idempotency-Key', key);
    return request.send({ phone_number: '+14155550100', ...body });
  }

  /** Places a call that waits. @returns its run. */
  async queued(body: object, key?: string, by?: Account): Promise<number> {
    const reply = await this.trigger(body, key, by).expect(202);
    return (reply.body as { workflow_run_id: number }).workflow_run_id;
  }

  read(runId: number): Promise<Run> {
    return readRun(this.server, this.account, runId);
  }

  async statusOf(runId: number): Promise<RunStatus | null> {
    return (await this.read(runId)).status ?? null;
  }

  patch(runId: number, changes: object) {
    return this.server.request
      .patch(`/api/v1/workflow/0/runs/${String(runId)}`)
      .set('X-API-Key', this.account.apiKey)
      .send(changes);
  }

  /** Another key of the organization. */
  async anotherKey(): Promise<Account> {
    const created = await this.server.request
      .post('/api/v1/user/api-keys')
      .set('Authorization', `Bearer ${this.account.token}`)
      .send({ name: 'second' })
      .expect(200);
    return { ...this.account, apiKey: (created.body as { api_key: string }).api_key };
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
