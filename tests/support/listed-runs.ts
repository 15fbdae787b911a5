/** One organization with runs of every kind, and helpers that list them, for servers with and without extensions. */
import { createAgent, readyToCall, type TestAgent } from './agents';
import { addRuns } from './runs';
import { startTestServer, type Account, type TestServer } from './test-server';

/** `hungUp`, `busy`, `going` and `sold` belong to the first agent, `second` to the other. */
export type RunName = 'hungUp' | 'busy' | 'going' | 'sold' | 'second';

export interface ListedRuns {
  server: TestServer;
  account: Account;
  agent: TestAgent;
  other: TestAgent;
  /** A run of another organization. */
  foreign: TestAgent;
  runs: Record<RunName, number>;
  /** Requests a list with these filters, as JSON or as raw text. */
  ask: (path: string, filters: unknown) => ReturnType<TestServer['request']['get']>;
  /** The names of the listed runs, newest first. */
  found: (path: string, filters: unknown) => Promise<string[]>;
}

export const organizationRuns = 'organizations/usage/runs';
export const agentRuns = ({ agent }: ListedRuns) => `workflow/${String(agent.id)}/runs`;

/** An item of `filters`. */
export const item = (attribute: string, type: string, value: unknown) => ({ attribute, type, value });

const ended = (status: 'completed' | 'busy', disposition: string, seconds: number) => ({
  status,
  disposition,
  seconds,
});

/** @param environment additional variables of the server. */
export async function startWithListedRuns(environment: Record<string, string> = {}): Promise<ListedRuns> {
  const server = await startTestServer(environment);
  const { account, agent } = await readyToCall(server);
  const other = await createAgent(server, account);
  const stranger = await readyToCall(server);
  await addRuns(server, stranger.account, stranger.agent, [{}]);
  const at = (minute: number) => `2026-11-23T12:0${String(minute)}:00.000Z`;
  const [hungUp, busy, going, sold] = await addRuns(server, account, agent, [
    { createdAt: at(1), calledNumber: '+14155550101', ended: ended('completed', 'user_hangup', 30) },
    { createdAt: at(2), calledNumber: '+14155550102', source: 'n8n', ended: ended('busy', 'busy', 0) },
    { createdAt: at(3), calledNumber: '+14155550103', source: 'zapier', ended: null },
    { createdAt: at(4), calledNumber: '+442079460104', ended: ended('completed', '100% sold', 60) },
  ]);
  const [second] = await addRuns(server, account, other, [
    { createdAt: at(5), calledNumber: '+14155550105', ended: ended('completed', 'user_hangup', 45) },
  ]);
  const runs = { hungUp: hungUp!, busy: busy!, going: going!, sold: sold!, second: second! };
  const ask: ListedRuns['ask'] = (path, filters) =>
    server.request
      .get(`/api/v1/${path}`)
      .query({ filters: typeof filters === 'string' ? filters : JSON.stringify(filters) })
      .set('X-API-Key', account.apiKey);
  return {
    server,
    account,
    agent,
    other,
    foreign: stranger.agent,
    runs,
    ask,
    found: async (path, filters) => {
      const { body } = await ask(path, filters).expect(200);
      const page = body as { runs: { id: number }[]; total_count: number };
      expect(page.total_count).toBe(page.runs.length);
      return page.runs.map(({ id }) => Object.entries(runs).find(([, run]) => run === id)![0]);
    },
  };
}
