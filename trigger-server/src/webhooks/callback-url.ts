/** `callback_url`: whom the caller of one run wants to be told of its end. */
import { webhookUrl } from '@dograh-trigger/shared';
import * as z from 'zod';
import { validate } from '../http/validation';
import { findRun } from '../runs/runs';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { cancelCallbacksOfRun } from './delivery-store';
import { enqueueCallback } from './outbox';
import { assertReachable } from './private-target';
import { findCallbackUrl, saveCallbackQuery } from './subscription-store';

const field = z.object({ callback_url: webhookUrl.nullish() });

/**
 * The field of a trigger request, or null when there is none (or the extension is off, as on plain Dograh).
 * @throws Problem unprocessable at `body.callback_url`, also for one that leads into a private network.
 */
export function readCallbackUrl(
  services: Pick<Services, 'config' | 'carrier'>,
  value: unknown,
): string | null {
  if (!services.config.extensions.has('callback-url')) return null;
  const url = validate(field, { callback_url: value }, 'body').callback_url ?? null;
  if (url !== null) assertReachable(services, 'callback_url', url);
  return url;
}

/** Who is told of the run's end, in the place of whoever was named before. */
export async function saveCallbackUrl(session: Session, runId: number, url: string): Promise<void> {
  await saveCallbackQuery.changes(session, { runId, url });
}

/**
 * A repeat of a request names another callback URL: the latest one is told. Where the run has ended, the event goes
 * there now, and no more to the one before.
 */
export async function replaceCallbackUrl(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  runId: number,
  url: string,
): Promise<void> {
  if ((await findCallbackUrl(session, runId)) === url) return;
  await saveCallbackUrl(session, runId, url);
  const run = await findRun(session, runId);
  if (run === undefined || run.completed_at === null) return;
  await cancelCallbacksOfRun(session, runId, services.clock.now().toISOString());
  await enqueueCallback(services, session, run, url);
}
