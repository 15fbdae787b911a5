import type { Migration } from './migration';

export const migration: Migration = {
  name: '0025_calls_by_carrier_id',
  statements: () => [
    // Whether a call at a carrier belongs to a run is asked inside a write, which must not walk through all runs.
    `CREATE INDEX runs_by_provider_call ON runs (provider_call_id) WHERE provider_call_id IS NOT NULL`,
  ],
};
