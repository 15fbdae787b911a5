/** The metrics of the process. No label names an organization, an agent or a person. */
import { Counter, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** Requests with an invalid key, token or signature. */
  readonly unauthenticated: Counter;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const unauthenticated = new Counter({
    name: 'dograh_trigger_unauthenticated_requests_total',
    help: 'Requests that were refused because their key, token or signature was not valid.',
    registers: [registry],
  });
  return { registry, unauthenticated };
}
