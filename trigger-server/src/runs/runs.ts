/** Opening, reading and recovering runs. */
import type { JsonObject, Run, RunPage } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/storage';
import { presentRun } from './present';
import { endAsNotPlaced } from './status';
import {
  appendRunEvent,
  countRuns,
  findRun,
  listRunEvents,
  listRunPage,
  listUnfinishedRuns,
  markOpenDialsUnknown,
  recordDialOutcome,
  type RunRow,
} from './store';

export { countUnfinishedRuns, insertRun as openRun, type RunRow } from './store';

/** A run of this organization. @throws Problem not_found. */
export async function findOwnRun(session: Session, organizationId: number, runId: number): Promise<RunRow> {
  const run = await findRun(session, runId);
  if (run?.organization_id !== organizationId) throw new Problem('not_found', 'Workflow run not found');
  return run;
}

/** @throws Problem not_found. */
export async function readRun(services: Services, organizationId: number, runId: number): Promise<Run> {
  const session = services.storage.read;
  const run = await findOwnRun(session, organizationId, runId);
  return presentRun(services.config, run, await listRunEvents(session, runId));
}

/** One page of an agent's runs; an unknown agent has none. */
export async function listRuns(
  services: Services,
  organizationId: number,
  wish: { agentId: number; page: number; limit: number; order: 'asc' | 'desc' },
): Promise<RunPage> {
  const session = services.storage.read;
  const total = await countRuns(session, organizationId, wish.agentId);
  const rows = await listRunPage(session, wish.order, {
    organizationId,
    agentId: wish.agentId,
    limit: wish.limit,
    offset: (wish.page - 1) * wish.limit,
  });
  return {
    runs: rows.map((row) => presentRun(services.config, row, null)),
    total_count: total,
    page: wish.page,
    limit: wish.limit,
    total_pages: Math.ceil(total / wish.limit),
    applied_filters: null,
  };
}

/** The carrier took the call. */
export async function recordPlaced(session: Session, runId: number, callId: string, callerNumber: string | null): Promise<void> {
  await recordDialOutcome(session, { id: runId, outcome: 'placed', detail: null, callId, callerNumber });
}

/** The carrier refused the call: the run ends here. `detail` is what a repeat of the request is told, too. */
export async function recordRefused(services: Services, session: Session, runId: number, detail: string): Promise<void> {
  await recordDialOutcome(session, { id: runId, outcome: 'refused', detail, callId: null, callerNumber: null });
  await endAsNotPlaced(services, session, runId, detail);
}

/** Nobody knows whether the carrier took the call: the run stays open until somebody does. */
export async function recordUnknown(session: Session, runId: number): Promise<void> {
  await recordDialOutcome(session, { id: runId, outcome: 'unknown', detail: null, callId: null, callerNumber: null });
}

/** What the agent said, for the run's log and transcript. */
export async function recordSpeech(services: Services, runId: number, text: string): Promise<void> {
  const at = services.clock.now().toISOString();
  const event: JsonObject = { type: 'rtf-bot-text', payload: { text }, timestamp: at, turn: 0 };
  await services.storage.write((session) => appendRunEvent(session, runId, 'feedback', event, at));
}

export interface UnfinishedRun {
  id: number;
  mode: string;
  status: RunRow['status'];
  called_number: string;
}

/** At start: a dial that was under way when the server stopped has an unknown outcome, and is never made again. */
export async function recoverRuns(services: Services): Promise<UnfinishedRun[]> {
  return services.storage.write(async (session) => {
    await markOpenDialsUnknown(session);
    return listUnfinishedRuns(session);
  });
}

/** What prompts and greetings of a run are rendered with. */
export async function readContext(
  services: Services,
  runId: number,
): Promise<{ definitionId: number; context: JsonObject }> {
  const run = await findRun(services.storage.read, runId);
  if (run === undefined) throw new Error(`There is no run ${String(runId)}`);
  return { definitionId: run.definition_id, context: JSON.parse(run.initial_context) as JsonObject };
}
