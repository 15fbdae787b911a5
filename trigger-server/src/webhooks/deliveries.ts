/** Deliveries as the API shows them, and sending one again by hand. */
import type {
  DeliveryStatus,
  WebhookDelivery,
  WebhookDeliveryDetails,
  WebhookDeliveryPage,
} from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/storage';
import {
  countDeliveries,
  findDelivery,
  listAttempts,
  listDeliveries,
  sendAgain,
  type ListedDelivery,
} from './delivery-list-store';
import type { DeliveryRow } from './delivery-store';
import type { DeliveryRequest } from './outbox';

/** Newest first. */
export async function listOwnDeliveries(
  services: Services,
  organizationId: number,
  wish: { page: number; limit: number; runId: number | null; status: DeliveryStatus | null },
): Promise<WebhookDeliveryPage> {
  const session = services.storage.read;
  const { page, limit, runId, status } = wish;
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
  services: Services,
  organizationId: number,
  uuid: string,
): Promise<WebhookDeliveryDetails> {
  const session = services.storage.read;
  const row = await requireDelivery(session, organizationId, uuid);
  const attempts = await listAttempts(session, row.id);
  return {
    ...present(row),
    body: row.body,
    attempts: attempts.map((attempt) => ({
      number: attempt.number,
      started_at: attempt.started_at,
      duration_milliseconds: attempt.duration_milliseconds,
      status_code: attempt.status_code,
      error: attempt.error,
      response: attempt.response,
    })),
  };
}

/** Sends it again, whatever came of it: the same id and the same body, due now. @throws Problem not_found. */
export async function redeliver(
  services: Services,
  organizationId: number,
  uuid: string,
): Promise<WebhookDelivery> {
  return services.storage.write(async (session) => {
    const row = await requireDelivery(session, organizationId, uuid);
    await sendAgain(session, row.id, services.clock.now().toISOString());
    return present(await requireDelivery(session, organizationId, uuid));
  });
}

async function requireDelivery(session: Session, organizationId: number, uuid: string): Promise<DeliveryRow> {
  const row = await findDelivery(session, organizationId, uuid);
  if (row === undefined) throw new Problem('not_found', 'Webhook delivery not found');
  return row;
}

function present(row: ListedDelivery): WebhookDelivery {
  const request = JSON.parse(row.request) as DeliveryRequest;
  return {
    id: row.uuid,
    workflow_run_id: row.run_id,
    source: row.source,
    source_id: request.sourceId,
    method: request.method,
    url: request.url,
    status: row.status,
    attempt_count: row.attempt_count,
    next_attempt_at: row.next_attempt_at,
    created_at: row.created_at,
    completed_at: row.completed_at,
  };
}
