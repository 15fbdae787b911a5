/** What a conversation used and cost, as the server says that held it. */
import type { JsonObject } from '@dograh-trigger/shared';
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';
import type { RunRow } from './store';

/** In the form of a run's `usage_info` and `cost_info`; null: that server does not say. */
export interface ReportedUsage {
  usage: JsonObject | null;
  cost: JsonObject | null;
}

const setQuery = query((db, param: ParameterMaker<{ id: number; reported: string }>) =>
  db
    .updateTable('runs')
    .set({ reported_usage: param('reported') })
    .where('id', '=', param('id')),
);

export async function noteReportedUsage(
  session: Session,
  id: number,
  { usage, cost }: ReportedUsage,
): Promise<void> {
  if (usage === null && cost === null) return;
  await setQuery.changes(session, { id, reported: JSON.stringify({ usage, cost }) });
}

/** Parses the column `reported_usage`. */
export function reportedUsageOf({ reported_usage: text }: Pick<RunRow, 'reported_usage'>): ReportedUsage {
  return text === null ? { usage: null, cost: null } : (JSON.parse(text) as ReportedUsage);
}
