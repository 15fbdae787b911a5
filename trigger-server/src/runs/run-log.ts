/** The events of a run, in order. They are only appended. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { Session } from '../storage/port';
import { eventsQuery, insertEventsQuery } from './store';

/** An event of a run, in the form of the run's `logs`. */
export interface RunEvent {
  kind: 'feedback' | 'status_callback';
  payload: JsonObject;
}

export function appendRunEvents(session: Session, runId: number, events: readonly RunEvent[], at: string) {
  return insertEventsQuery.changes(session, { runId, events: JSON.stringify(events), at });
}

export async function listRunEvents(session: Session, runId: number): Promise<RunEvent[]> {
  const rows = await eventsQuery.all(session, { runId });
  return rows.flatMap(({ events }) => JSON.parse(events) as RunEvent[]);
}
