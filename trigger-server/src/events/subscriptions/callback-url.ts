/** `callback_url`: the addresses that receive the event of one run's end. */
import { webhookUrl } from '@dograh-trigger/shared';
import * as z from 'zod';
import { validate } from '../../http/validation';
import { findRun } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { enqueueCallback } from '../outbox';
import { assertReachable } from '../private-target';
import { insertCallbackQuery, listCallbackUrls } from '../subscription-store';

/** Each one adds a row to the transaction that ends a call. */
const mostCallbackUrls = 5;

const field = z.object({ callback_url: webhookUrl.nullish() });

/**
 * Reads the field of a trigger request; null when it is missing, or the extension is off as on plain Dograh.
 * @throws Problem unprocessable at `body.callback_url`, also for an address in a private network.
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

/** Adds the callback URL of a new run. */
export async function insertCallbackUrl(session: Session, runId: number, url: string): Promise<void> {
  await insertCallbackQuery.changes(session, { runId, url });
}

/**
 * Adds a further callback URL to a run. If the run has ended, its event is due at once. An address is added only once.
 * Earlier addresses are never replaced, because somebody may be waiting there.
 *
 * @returns false when it was not added: the run is erased, or has the most callback URLs already.
 */
export async function addCallbackUrl(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  runId: number,
  url: string,
): Promise<boolean> {
  const run = await findRun(session, runId);
  if (run === undefined || run.erased_at !== null) return false;
  const urls = await listCallbackUrls(session, runId);
  if (urls.includes(url)) return true;
  if (urls.length >= mostCallbackUrls) return false;
  await insertCallbackUrl(session, runId, url);
  if (run.completed_at !== null) await enqueueCallback(services, session, run, url);
  return true;
}
