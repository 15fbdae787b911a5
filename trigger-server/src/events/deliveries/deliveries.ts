/** Deliveries as the API shows them, and the redelivery of one on request. */
import type {
  DeliveryStatus,
  WebhookAttempt,
  WebhookDelivery,
  WebhookDeliveryDetails,
  WebhookDeliveryPage,
} from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import { findRun } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { isOpen, listAttempts, type AttemptRow } from './attempt-store';
import {
  countDeliveries,
  findDelivery,
  listDeliveries,
  sendAgain,
  type ListedDelivery,
} from './delivery-list-store';
import { findDeliveryById, type DeliveryRow } from './delivery-store';
import { eventDue, eventOf, readRequest } from '../outbox';
import { leaseEnd } from './retry-schedule';

const cutOff = 'The server stopped during this attempt, or could not record its result';

/** The deliveries of an organization, newest first. */
export async function listOwnDeliveries(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  query: { page: number; limit: number; runId: number | null; status: DeliveryStatus | null },
): Promise<WebhookDeliveryPage> {
  const session = services.storage.read;
  const { page, limit, runId, status } = query;
  const filter = { organizationId, runId, status };
  const total = await countDeliveries(session, filter);
  const rows = await listDeliveries(session, filter, { limit, offset: (page - 1) * limit });
  return {
    deliveries: rows.map(present),
    total_count: total,
    page,
    limit,
    total_pages: Math.ceil(total / limit),
  };
}

/** @throws Problem not_found. */
export async function readDelivery(
  services: Pick<Services, 'storage' | 'clock'>,
  organizationId: number,
  uuid: string,
): Promise<WebhookDeliveryDetails> {
  const session = services.storage.read;
  const row = await requireDelivery(session, organizationId, uuid);
  const attempts = await listAttempts(session, row.id);
  const now = services.clock.now();
  return {
    ...present(row),
    body: row.body,
    attempts: attempts.map((attempt) => presentAttempt(attempt, now)),
  };
}

/** A delivery of any organization; null when there is none. */
export async function findDeliveryAsShown(session: Session, id: number): Promise<WebhookDelivery | null> {
  const row = await findDeliveryById(session, id);
  return row === undefined ? null : present(row);
}

/**
 * Sends a delivery again with the same id and body, whatever its status. A delivery that waits for an earlier event
 * keeps waiting.
 * @throws Problem not_found; conflict when its body is no longer kept.
 */
export async function redeliver(
  services: Pick<Services, 'storage' | 'clock'>,
  organizationId: number,
  uuid: string,
): Promise<WebhookDelivery> {
  return services.storage.write(async (session) => {
    const row = await requireDelivery(session, organizationId, uuid);
    if (row.status === 'pending' && row.next_attempt_at === null) return present(row);
    if (!(await canBeSent(session, row))) {
      throw new Problem(
        'conflict',
        'The body of this event is no longer kept, so it cannot be sent again. Read the run instead.',
        { code: 'event_body_removed' },
      );
    }
    await resend(session, row, services.clock.now());
    return present(await requireDelivery(session, organizationId, uuid));
  });
}

/**
 * Whether there is something to send: retention removes the bodies of delivered events, and an erasure all of its run.
 * Without a body, an event that was never delivered is rendered.
 */
export async function canBeSent(session: Session, row: DeliveryRow): Promise<boolean> {
  if (row.body !== null) return true;
  if (row.status === 'succeeded') return false;
  return (await findRun(session, row.run_id))?.erased_at === null;
}

/** Makes a delivery due again, as early as possible. */
export async function resend(session: Session, row: DeliveryRow, now: Date): Promise<void> {
  const due = await dueAgain(session, row, now);
  await sendAgain(session, row.id, due.toISOString());
}

/** The earliest time for a redelivery. */
async function dueAgain(session: Session, row: DeliveryRow, now: Date): Promise<Date> {
  const last = (await listAttempts(session, row.id)).at(-1);
  if (last !== undefined && isUnderWay(last, now)) {
    // `settleDelivery` makes it due when this attempt ends. This time counts only if the server stops before that.
    return leaseEnd(new Date(last.started_at));
  }
  if (row.body !== null) return now;
  // The first rendered body is final, so it still waits for the run's recording.
  const run = await findRun(session, row.run_id);
  const due = run === undefined ? now : eventDue(run, new Date(row.created_at));
  return due > now ? due : now;
}

function isUnderWay(attempt: AttemptRow, now: Date): boolean {
  return isOpen(attempt) && leaseEnd(new Date(attempt.started_at)) > now;
}

async function requireDelivery(session: Session, organizationId: number, uuid: string): Promise<DeliveryRow> {
  const row = await findDelivery(session, organizationId, uuid);
  if (row === undefined) throw new Problem('not_found', 'Webhook delivery not found');
  return row;
}

/** A damaged row is shown without its request, so that it does not hide the others of its page. */
function present(row: ListedDelivery): WebhookDelivery {
  const request = readRequest(row.request);
  return {
    id: row.uuid,
    workflow_run_id: row.run_id,
    source: row.source,
    source_id: request?.sourceId ?? null,
    event: request === null ? null : eventOf(request),
    method: request?.method ?? '',
    url: request?.url ?? '',
    status: row.status,
    attempt_count: row.attempt_count,
    next_attempt_at: row.next_attempt_at,
    created_at: row.created_at,
    completed_at: row.completed_at,
  };
}

/** An attempt under way has no status code and no error, and its duration is 0. */
function presentAttempt(attempt: AttemptRow, now: Date): WebhookAttempt {
  const isCutOff = isOpen(attempt) && !isUnderWay(attempt, now);
  return {
    number: attempt.number,
    started_at: attempt.started_at,
    duration_milliseconds: attempt.duration_milliseconds,
    status_code: attempt.status_code,
    error: isCutOff ? cutOff : attempt.error,
    response: attempt.response,
    sent_headers:
      attempt.sent_headers === null ? null : (JSON.parse(attempt.sent_headers) as Record<string, string>),
  };
}
