/** The metrics of the process. No label names an organization, an agent or a person. */
import { Counter, Gauge, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** Requests with an invalid key, token or signature. */
  readonly unauthenticated: Counter;
  /** Reports of browsers that the console's content security policy has blocked something. */
  readonly policyViolations: Counter;
  /** Shows a worker from now on. @param health why it does not do its work; null where all is well. */
  showWorker(name: string, health: () => string | null): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const unauthenticated = new Counter({
    name: 'dograh_trigger_unauthenticated_requests_total',
    help: 'Requests that were refused because their key, token or signature was not valid.',
    registers: [registry],
  });
  const policyViolations = new Counter({
    name: 'dograh_trigger_policy_violations_total',
    help: 'Reports of browsers about what the content security policy of the console has blocked.',
    registers: [registry],
  });
  const workers = new Map<string, () => string | null>();
  new Gauge({
    name: 'dograh_trigger_worker_healthy',
    help: 'Whether a background job of this process does its work (1) or not (0).',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      for (const [worker, health] of workers) this.set({ worker }, health() === null ? 1 : 0);
    },
  });
  return {
    registry,
    unauthenticated,
    policyViolations,
    showWorker: (name, health) => void workers.set(name, health),
  };
}
