/** What the console reads in a run's logs and contexts. Dograh's shapes: `logs.realtime_feedback_events`. */
import type { JsonObject, JsonValue, Run } from '@dograh-trigger/shared';

export interface LoggedEvent {
  type: string;
  payload: JsonObject;
  /** An ISO timestamp; empty when the event has none. */
  at: string;
}

/** A report of the carrier. */
export interface LoggedReport {
  /** A status of the run, or `unknown` for a word that the server does not know. */
  status: string;
  /** The carrier's own word. */
  raw: string;
  at: string;
}

export function eventsOf(run: Pick<Run, 'logs'>): LoggedEvent[] {
  return objectsIn(run.logs?.realtime_feedback_events).map((event) => ({
    type: textOf(event.type),
    payload: isObject(event.payload) ? event.payload : {},
    at: textOf(event.timestamp),
  }));
}

export function reportsOf(run: Pick<Run, 'logs'>): LoggedReport[] {
  return objectsIn(run.logs?.telephony_status_callbacks).map((report) => ({
    status: textOf(report.status),
    raw: textOf(report.raw_status),
    at: textOf(report.timestamp),
  }));
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The number that was called; null on a run that does not say it. */
export function calledNumber({ initial_context: context }: Pick<Run, 'initial_context'>): string | null {
  const number = textOf(context?.called_number) || textOf(context?.phone_number);
  return number === '' ? null : number;
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
