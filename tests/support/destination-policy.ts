/** Organizations with a destination policy, on one server per test file. */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from './agents';
import { startTestServer, type Account, type TestServer } from './test-server';

export const policyPath = '/api/v1/organizations/destination-policy';

export interface Caller {
  account: Account;
  agent: TestAgent;
}

/** A policy whose calling hours may omit fields with a default. */
export type PolicyInput = Partial<Omit<DestinationPolicy, 'calling_hours'>> & {
  calling_hours?: object | null;
};

/** Starts the server before the tests of the calling file, and stops it after them. */
export function useCallersUnderPolicies() {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1000' });
  });
  afterAll(() => server.close());

  const put = (account: Account, policy: unknown) =>
    server.request
      .put(policyPath)
      .set('Authorization', `Bearer ${account.token}`)
      .send(policy as object);

  return {
    server: () => server,
    put,
    readyWith: async (policy: PolicyInput): Promise<Caller> => {
      const caller = await readyToCall(server);
      await put(caller.account, policy).expect(200);
      return caller;
    },
    call: ({ account, agent }: Caller, phoneNumber: string, headers: Record<string, string> = {}) =>
      server.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .set(headers)
        .send({ phone_number: phoneNumber }),
    runCount: async ({ account, agent }: Caller): Promise<number> => {
      const page = await server.request
        .get(`/api/v1/workflow/${String(agent.id)}/runs`)
        .set('X-API-Key', account.apiKey)
        .expect(200);
      return (page.body as { total_count: number }).total_count;
    },
  };
}
