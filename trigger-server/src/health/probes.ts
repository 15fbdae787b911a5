/**
 * `/health/live` and `/health/ready` for a supervisor and a load balancer. Dograh has no such pages; its own is
 * `/api/v1/health`.
 */
import { Router, type RequestHandler } from 'express';
import { describeError } from '../describe-error';
import { methodNotAllowed } from '../http/errors';
import { Problem } from '../problem';
import type { Services } from '../services';
import { missingMigrations } from '../storage/schema-version';

type Needs = Pick<Services, 'storage' | 'clock' | 'lifecycle' | 'log'>;

/** The database is asked at most once in this time, so that the page costs little, whoever asks for it. */
const freshMilliseconds = 1000;
const patienceMilliseconds = 3000;
const retryAfterSeconds = 5;

export function healthProbes(services: Needs): Router {
  const router = Router();
  const databaseFault = askNowAndThen(services);
  router.get(
    '/live',
    answer(() => Promise.resolve(null), 'live'),
  );
  router.get(
    '/ready',
    answer(async () => stopping(services) ?? (await databaseFault()), 'ready'),
  );
  router.all(['/live', '/ready'], methodNotAllowed(['GET']));
  return router;
}

/** @param fault why the answer is 503; null: all is well. */
function answer(fault: () => Promise<Problem | null>, status: string): RequestHandler {
  return async (_request, response) => {
    const found = await fault();
    if (found !== null) throw found;
    response.set('Cache-Control', 'no-store').json({ status });
  };
}

function stopping({ lifecycle }: Needs): Problem | null {
  if (lifecycle.draining) return notReady('draining', 'The server is stopping and takes no new call.');
  if (lifecycle.damage === null) return null;
  return notReady('database_unavailable', 'The database is damaged: restore a backup.');
}

/** `Retry-After` is sent whatever the extensions are: no client of Dograh reads this page. */
function notReady(code: 'draining' | 'database_unavailable', detail: string): Problem {
  return new Problem('unavailable', detail, { code, headers: { 'Retry-After': String(retryAfterSeconds) } });
}

function askNowAndThen(services: Needs): () => Promise<Problem | null> {
  let askedAt = -Infinity;
  let last: Promise<Problem | null> = Promise.resolve(null);
  return () => {
    const now = services.clock.steady().getTime();
    if (now - askedAt >= freshMilliseconds) {
      askedAt = now;
      last = withinPatience(services, askDatabase(services));
    }
    return last;
  };
}

async function askDatabase({ storage, log }: Needs): Promise<Problem | null> {
  try {
    const missing = await missingMigrations(storage.read);
    if (missing.length === 0) return null;
    log.error({ missing }, 'the database lacks changes of this version: was an older backup restored?');
    return notReady('database_unavailable', 'The database is of an older version. Restart the server.');
  } catch (error) {
    log.error({ error: describeError(error) }, 'the database did not answer');
    return notReady('database_unavailable', 'The database does not answer.');
  }
}

function withinPatience({ clock }: Needs, asked: Promise<Problem | null>): Promise<Problem | null> {
  return new Promise((resolve) => {
    const forget = clock.after(patienceMilliseconds, () => {
      resolve(notReady('database_unavailable', 'The database has not answered for three seconds.'));
    });
    void asked.then((fault) => {
      forget();
      resolve(fault);
    });
  });
}
