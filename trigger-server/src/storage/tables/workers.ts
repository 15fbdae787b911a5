/** A server process that runs, or that ended without an orderly stop. Instants by the steady clock. */
export interface ProcessTable {
  /** UUID. */
  id: string;
  started_at: string;
  heartbeat_at: string;
}

/** What one process has and no other may have at the same time. */
export interface LeaseTable {
  /** What it is: `connection:7` is the connection of the telephony configuration 7. */
  name: string;
  /** The process (`processes.id`) that holds it. */
  owner: string;
  /** By the steady clock. After that, another process may take it. */
  expires_at: string;
  /** What its holder tells the others. */
  note: string;
}
