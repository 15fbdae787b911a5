/** Calls with files: an agent whose calls are recorded, and the links of a run. */
import type { Run, UpdateAgentRequest } from '@dograh-trigger/shared';
import { createAgent, definitionWith, publish, saveDraft, type TestAgent } from '../../support/agents';
import type { Account, TestServer } from '../../support/test-server';

/** A published agent with these configurations. */
export async function agentWith(
  server: Pick<TestServer, 'request'>,
  account: Account,
  configurations: UpdateAgentRequest['workflow_configurations'],
  greeting?: string,
): Promise<TestAgent> {
  const agent = await createAgent(
    server,
    account,
    definitionWith(greeting === undefined ? {} : { greeting }),
  );
  await saveDraft(server, account, agent, { workflow_configurations: configurations });
  await publish(server, account, agent);
  return agent;
}

/** The path of a link of a run. */
export function pathOf(url: string | null | undefined): string {
  if (url == null) throw new Error('The run has no such link');
  return new URL(url, 'http://server.test').pathname;
}

/** The feedback events of the run, with their types. */
export function feedbackOf(run: Run): { type: string; payload: Record<string, unknown> }[] {
  return run.logs?.realtime_feedback_events as { type: string; payload: Record<string, unknown> }[];
}
