/** When a call may be placed: what its request says about it. */
import {
  farthestDays,
  scheduleFields,
  type Metadata,
  type Retry,
  type ScheduleFields,
  type TriggerRequest,
  type WaitingChoice,
} from '@dograh-trigger/shared';
import { validate } from '../../http/validation';
import { invalidPlace } from '../../problem';
import type { Services } from '../../services';

const millisecondsPerDay = 24 * 60 * 60 * 1000;

/** Instants are by the wall clock: ISO 8601 in UTC. */
export interface Schedule {
  notBefore: string | null;
  notAfter: string | null;
  whenBusy: WaitingChoice;
  outsideHours: WaitingChoice;
  /** Of the person called; null: by the number. */
  timeZone: string | null;
  /** Whether the version of the agent stays the one of the request. */
  pinsVersion: boolean;
  /** Null: the agent's applies. Left out in schedules from before there was a redial. */
  retry?: Retry | null;
}

/** What the caller calls the run. */
export interface Labels {
  reference: string | null;
  metadata: Metadata | null;
}

export const atOnce: Schedule = {
  notBefore: null,
  notAfter: null,
  whenBusy: 'refuse',
  outsideHours: 'refuse',
  timeZone: null,
  pinsVersion: false,
  retry: null,
};

/** Whether a call with this schedule may be queued. */
export function mayWait({ notBefore, whenBusy, outsideHours }: Schedule): boolean {
  return notBefore !== null || whenBusy === 'wait' || outsideHours === 'wait';
}

export const noLabels: Labels = { reference: null, metadata: null };

/**
 * Reads the fields of a trigger request. While the extension is off they do not exist.
 * @throws Problem unprocessable at the field, saying what is right.
 */
export function readSchedule(
  services: Pick<Services, 'config' | 'clock'>,
  body: TriggerRequest,
): { schedule: Schedule; labels: Labels } {
  if (!services.config.extensions.has('scheduling')) return { schedule: atOnce, labels: noLabels };
  const fields = validate(scheduleFields, body, 'body');
  assertOneCallerId(fields.retry, body.from_phone_number_id);
  const labels = { reference: fields.reference ?? null, metadata: fields.metadata ?? null };
  return { schedule: scheduleOf(services, fields), labels };
}

/** @throws Problem unprocessable for a call that has one caller ID and is to show another one at each attempt. */
export function assertOneCallerId(
  retry: Retry | null | undefined,
  fromPhoneNumberId: number | null | undefined,
): void {
  if (retry?.rotate_caller_id !== true || fromPhoneNumberId == null) return;
  const msg = 'The call has one caller ID by from_phone_number_id. Leave out one of the two';
  throw invalidPlace({ type: 'schedule', loc: ['body', 'retry', 'rotate_caller_id'], msg, input: null });
}

/** @throws Problem unprocessable for instants that no call can keep. */
export function scheduleOf({ clock }: Pick<Services, 'clock'>, fields: ScheduleFields): Schedule {
  const now = clock.now().getTime();
  const notBefore = fields.not_before == null ? null : Date.parse(fields.not_before);
  const notAfter = fields.not_after == null ? null : Date.parse(fields.not_after);
  const farthest = now + farthestDays * millisecondsPerDay;
  if (notBefore !== null && notBefore > farthest) {
    throw wrongInstant('not_before', `Use an instant within the next ${String(farthestDays)} days`);
  }
  if (notAfter !== null && notAfter <= now) {
    throw wrongInstant('not_after', 'This instant has passed. Use a later one, or leave it out');
  }
  if (notAfter !== null && notAfter > farthest) {
    throw wrongInstant('not_after', `Use an instant within the next ${String(farthestDays)} days`);
  }
  if (notAfter !== null && notBefore !== null && notAfter <= notBefore) {
    throw wrongInstant('not_after', 'Use an instant later than not_before');
  }
  return {
    notBefore: textOf(notBefore),
    notAfter: textOf(notAfter),
    whenBusy: fields.when_busy ?? 'refuse',
    outsideHours: fields.outside_hours ?? 'refuse',
    timeZone: fields.time_zone ?? null,
    pinsVersion: fields.pin_version ?? false,
    retry: fields.retry ?? null,
  };
}

function textOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

export function wrongInstant(field: 'not_before' | 'not_after', msg: string) {
  return invalidPlace({ type: 'schedule', loc: ['body', field], msg, input: null });
}
