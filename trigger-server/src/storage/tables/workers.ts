/** A server process that runs, or that ended without an orderly stop. Instants by the steady clock. */
export interface ProcessTable {
  /** UUID. */
  id: string;
  started_at: string;
  heartbeat_at: string;
}
