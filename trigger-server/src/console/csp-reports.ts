/**
 * Receives the reports of browsers about what the console's content security policy has blocked. A report may quote the
 * page and its address, so only the name of the violated directive is logged.
 */
import { Router, type Request } from 'express';
import { readBytes } from '../http/body/read-bytes';
import { methodNotAllowed } from '../http/errors';
import { callerOf } from '../http/limits/caller-address';
import type { RequestLimits } from '../http/limits/request-limits';
import type { Services } from '../services';

const limit = { bytes: 16 * 1024, text: '16 KiB' };

export function cspReports(services: Pick<Services, 'log' | 'metrics'>, limits: RequestLimits): Router {
  const router = Router();
  router.post('/', async (request, response) => {
    limits.countStranger(callerOf(request));
    const directive = await readDirective(request);
    services.metrics.policyViolations.inc();
    services.log.warn({ directive }, 'a browser has blocked something that a page of the console contained');
    response.status(204).end();
  });
  router.all('/', methodNotAllowed(['POST']));
  return router;
}

/** The violated directive (https://www.w3.org/TR/CSP3/#deprecated-serialize-violation), such as `script-src-elem`. */
async function readDirective(request: Request): Promise<string> {
  const text = (await readBytes(request, limit)).toString('utf8');
  return /"effective-directive"\s*:\s*"([a-z-]{1,40})"/.exec(text)?.[1] ?? 'unknown';
}
