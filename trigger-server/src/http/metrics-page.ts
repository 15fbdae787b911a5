/**
 * `/metrics` in the Prometheus text format. It needs the `METRICS_TOKEN`; where none is set, the page does not exist.
 */
import { Router } from 'express';
import { methodNotAllowed } from './errors';
import { Problem } from '../problem';
import type { Config } from '../config';
import type { Metrics } from '../metrics';
import { sameSecret } from '../same-secret';

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
  router.get('/', async (request, response) => {
    if (!sameSecret(`Bearer ${metricsToken}`, request.get('authorization'))) {
      throw new Problem('unauthenticated', 'Send the METRICS_TOKEN of this server as a bearer token');
    }
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  router.all('/', methodNotAllowed(['GET']));
  return router;
}
