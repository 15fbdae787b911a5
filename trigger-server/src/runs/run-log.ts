/** The events of a run, in order. They are appended. Only a speech is corrected, when it is known how much was heard. */
import type { JsonObject } from '@dograh-trigger/shared';
import { idList, idsOf, type IdList } from '../storage/id-list';
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';

const insertEventsQuery = query((db, param: ParameterMaker<{ runId: number; events: string; at: string }>) =>
  db
    .insertInto('run_events')
    .values({ run_id: param('runId'), events: param('events'), created_at: param('at') }),
);

const eventsQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('run_events').select(['id', 'events']).where('run_id', '=', param('runId')).orderBy('id'),
);

const correctEventsQuery = query((db, param: ParameterMaker<{ id: number; events: string }>) =>
  db
    .updateTable('run_events')
    .set({ events: param('events') })
    .where('id', '=', param('id')),
);

/** An event of a run, in the form of the run's `logs`. */
export interface RunEvent {
  kind: 'feedback' | 'status_callback';
  payload: JsonObject;
  /** Set for a speech that the carrier began: all of its text. The payload has what was heard of it. Not in `logs`. */
  speech?: { of: 'greeting' | 'message'; text: string };
}

/**
 * An event of Dograh's feedback on a call.
 * @param timestamp ISO 8601. @param place its turn, from 1 in a conversation of ours, and the node; elsewhere turn 0.
 */
export function feedbackEvent(
  type: string,
  payload: JsonObject,
  timestamp: string,
  place: JsonObject = { turn: 0 },
): RunEvent {
  return { kind: 'feedback', payload: { type, payload, timestamp, ...place } };
}

/** Appends nothing where there is none. @param at ISO 8601. */
export async function appendRunEvents(
  session: Session,
  runId: number,
  events: readonly RunEvent[],
  at: string,
): Promise<void> {
  if (events.length === 0) return;
  await insertEventsQuery.changes(session, { runId, events: JSON.stringify(events), at });
}

export async function listRunEvents(session: Session, runId: number): Promise<RunEvent[]> {
  const rows = await eventsQuery.all(session, { runId });
  return rows.flatMap(({ events }) => JSON.parse(events) as RunEvent[]);
}

const eventsOfRunsQuery = query((db, param: ParameterMaker<IdList>) =>
  db
    .selectFrom('run_events')
    .select(['run_id', 'events'])
    .where('run_id', 'in', idsOf(param))
    .orderBy('run_id')
    .orderBy('id'),
);

/** The feedback events of these runs, by run. @param runIds at most `mostIds`. */
export async function listFeedbackOf(
  session: Session,
  runIds: readonly number[],
): Promise<Map<number, JsonObject[]>> {
  const found = new Map<number, JsonObject[]>();
  for (const { run_id: runId, events } of await eventsOfRunsQuery.all(session, idList(runIds))) {
    const payloads = (JSON.parse(events) as RunEvent[]).flatMap(({ kind, payload }) =>
      kind === 'feedback' ? [payload] : [],
    );
    found.set(runId, [...(found.get(runId) ?? []), ...payloads]);
  }
  return found;
}

/** @param correct is called with each event and with all of them. It returns null for an event to leave out. */
export async function correctRunEvents(
  session: Session,
  runId: number,
  correct: (event: RunEvent, all: readonly RunEvent[]) => RunEvent | null,
): Promise<void> {
  const rows = (await eventsQuery.all(session, { runId })).map(({ id, events }) => ({
    id,
    text: events,
    events: JSON.parse(events) as RunEvent[],
  }));
  const all = rows.flatMap(({ events }) => events);
  for (const { id, text, events } of rows) {
    const corrected = JSON.stringify(
      events.map((event) => correct(event, all)).filter((event) => event !== null),
    );
    if (corrected !== text) await correctEventsQuery.changes(session, { id, events: corrected });
  }
}
