/** Inserts runs into the database, for long lists. */
import type { CallSource, RunStatus } from '@dograh-trigger/shared';
import { countEndedRun } from '../../trigger-server/src/accounts/organizations';
import { openRuns } from '../../trigger-server/src/runs/open-run';
import type { TestAgent } from './agents';
import type { Account, TestServer } from './test-server';

export interface EndedRun {
  /** Default: the same instant for all. */
  createdAt?: string;
  calledNumber?: string;
  source?: CallSource;
  /** Null: the call is in progress. */
  ended?: { status: RunStatus; disposition: string; seconds: number } | null;
  /** Default: in years. */
  deadlineAt?: string;
}

const hangup = { status: 'completed' as const, disposition: 'user_hangup', seconds: 30 };

/** Adds runs in this order and returns their ids. */
export async function addRuns(
  server: TestServer,
  account: Account,
  agent: TestAgent,
  runs: readonly EndedRun[],
): Promise<number[]> {
  const fetched = await server.request
    .get(`/api/v1/workflow/fetch/${String(agent.id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const definitionId = (fetched.body as { current_definition_id: number }).current_definition_id;
  return server.services.storage.write(async (session) => {
    const ids: number[] = [];
    for (const run of runs) {
      const { createdAt = '2026-11-23T12:00:00.000Z', calledNumber = '+14155550100', ended } = run;
      const [id = 0] = await openRuns(session, [
        {
          place: 'slot',
          run: {
            organization_id: account.organizationId,
            agent_id: agent.id,
            definition_id: definitionId,
            name: 'WR-API-1000',
            mode: 'sandbox',
            trigger_mode: 'production',
            trigger_path: agent.triggerPath,
            telephony_configuration_id: 1,
            called_number: calledNumber,
            initial_context: '{}',
            caller_number: null,
            language: null,
            voice: null,
            voicemail: null,
            fallback_from: null,
            ignored_fields: null,
            unresolved_variables: null,
            is_recorded: 0,
            source: run.source ?? 'api',
            trace: null,
            api_key_id: null,
            owner: server.services.thisProcess.id,
            created_at: createdAt,
            deadline_at: run.deadlineAt ?? '2999-01-01T00:00:00.000Z',
          },
        },
      ]);
      if (ended !== null) {
        const { status, disposition, seconds } = ended ?? hangup;
        const end = session.builder
          .updateTable('runs')
          .set({ status, disposition, call_duration_seconds: seconds, completed_at: createdAt })
          .where('id', '=', id);
        await session.run(end.compile());
        await countEndedRun(session, account.organizationId);
      }
      ids.push(id);
    }
    return ids;
  });
}
