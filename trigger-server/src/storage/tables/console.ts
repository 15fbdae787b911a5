import type { Generated } from 'kysely';

/**
 * The last changes, at least 10,000, of runs and deliveries, in the order of their commits. Written by database triggers, so that
 * every process can report changes, whichever process made them.
 */
export interface ChangeTable {
  id: Generated<number>;
  organization_id: number;
  kind: 'run' | 'delivery';
  /** The id of the run or the delivery. */
  subject_id: number;
}
