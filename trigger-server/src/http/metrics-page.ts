/**
 * `/metrics` in the Prometheus text format: beside the API for whoever has the `METRICS_TOKEN`, and on a port of its own
 * for programs of this machine. Where neither is set, the page does not exist.
 */
import express, { Router, type RequestHandler } from 'express';
import { createServer, type Server } from 'node:http';
import { methodNotAllowed } from './errors';
import { Problem } from '../problem';
import type { Config } from '../config';
import type { Metrics } from '../metrics';
import { sameSecret } from '../same-secret';

interface Page {
  config: Pick<Config, 'metricsToken'>;
  metrics: Metrics;
}

/** The page beside the API. */
export function metricsPage({ config, metrics }: Page): Router {
  const router = Router();
  const { metricsToken } = config;
  if (metricsToken === null) return router;
  router.get('/', (request, _response, next) => {
    if (!sameSecret(`Bearer ${metricsToken}`, request.get('authorization'))) {
      throw new Problem('unauthenticated', 'Send the METRICS_TOKEN of this server as a bearer token');
    }
    next();
  });
  router.get('/', sendMetrics(metrics));
  router.all('/', methodNotAllowed(['GET']));
  return router;
}

/** The server for `METRICS_PORT`. It must listen on a loopback address only, because it asks for no token. */
export function createMetricsServer({ metrics }: Pick<Page, 'metrics'>): Server {
  const app = express();
  app.disable('x-powered-by');
  app.get('/metrics', sendMetrics(metrics));
  return createServer(app);
}

function sendMetrics({ registry }: Metrics): RequestHandler {
  return async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  };
}
