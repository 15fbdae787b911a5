/** `callback_url`: whom the callers of one run want to be told of its end. */
import { webhookUrl } from '@dograh-trigger/shared';
import * as z from 'zod';
import { validate } from '../../http/validation';
import { findRun } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { enqueueCallback } from '../outbox';
import { assertReachable } from '../private-target';
import { insertCallbackQuery, listCallbackUrls } from '../subscription-store';

/** Each of them is one row more in the transaction that ends a call. */
const mostCallbackUrls = 5;

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

/** Has this address told of the end of a run that is new. */
export async function insertCallbackUrl(session: Session, runId: number, url: string): Promise<void> {
  await insertCallbackQuery.changes(session, { runId, url });
}

/**
 * Has this address told of the end of the run, beside those that are told already: once, and at once where the run has
 * ended. The first addresses of a run stay, since at each of them somebody may wait for the end and for nothing else.
 *
 * @returns false where the run has as many as it may have, and this one is not told.
 */
export async function addCallbackUrl(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  runId: number,
  url: string,
): Promise<boolean> {
  const urls = await listCallbackUrls(session, runId);
  if (urls.includes(url)) return true;
  if (urls.length >= mostCallbackUrls) return false;
  await insertCallbackUrl(session, runId, url);
  const run = await findRun(session, runId);
  if (run !== undefined && run.completed_at !== null) await enqueueCallback(services, session, run, url);
  return true;
}
