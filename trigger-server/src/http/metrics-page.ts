/**
 * `/metrics` in the Prometheus text format. It needs the `METRICS_TOKEN`; where none is set, the page does not exist.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Router } from 'express';
import { methodNotAllowed } from './errors';
import { Problem } from '../problem';
import type { Config } from '../config';
import type { Metrics } from '../metrics';

export function metricsPage({
  config,
  metrics,
}: {
  config: Pick<Config, 'metricsToken'>;
  metrics: Metrics;
}): Router {
  const router = Router();
  const { metricsToken } = config;
  if (metricsToken === null) return router;
  const expected = digest(`Bearer ${metricsToken}`);
  router.get('/', async (request, response) => {
    if (!timingSafeEqual(digest(request.get('authorization') ?? ''), expected)) {
      throw new Problem('unauthenticated', 'Send the METRICS_TOKEN of this server as a bearer token');
    }
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  router.all('/', methodNotAllowed(['GET']));
  return router;
}

/** Of one length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
