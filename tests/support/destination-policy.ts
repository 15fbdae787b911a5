/** Callers under a destination policy. */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from './agents';
import type { Account, TestServer } from './test-server';

export const policyPath = '/api/v1/organizations/destination-policy';

export interface Caller {
  account: Account;
  agent: TestAgent;
}

/** The hours may come without what has a default. */
export type PolicyWish = Partial<Omit<DestinationPolicy, 'calling_hours'>> & {
  calling_hours?: object | null;
};

export function putPolicy(server: TestServer, account: Account, policy: unknown) {
  return server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send(policy as object);
}

export async function readyWithPolicy(server: TestServer, policy: PolicyWish): Promise<Caller> {
  const caller = await readyToCall(server);
  await putPolicy(server, caller.account, policy).expect(200);
  return caller;
}

export function placeCall(
  server: TestServer,
  { account, agent }: Caller,
  phoneNumber: string,
  headers: Record<string, string> = {},
) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set(headers)
    .send({ phone_number: phoneNumber });
}

export async function countRuns(server: TestServer, { account, agent }: Caller): Promise<number> {
  const page = await server.request
    .get(`/api/v1/workflow/${String(agent.id)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (page.body as { total_count: number }).total_count;
}
