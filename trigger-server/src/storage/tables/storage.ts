/** A sealed sample text, one for each key that has sealed something in this database. */
export interface SecretsCanaryTable {
  sealed: string;
}

/** Which transaction was committed last in this place. Used on PostgreSQL only: `postgres/commit-marks.ts`. */
export interface CommitMarkTable {
  /** UUID of the place. */
  id: string;
  /** UUID of the transaction. */
  token: string;
  /** Seconds since 1970, by PostgreSQL's clock. */
  used_at: number;
}

/** The jumps of the clock, which `jumps.ts` owns. Has at most one row. */
export interface ClockTable {
  id: number;
  /** The sum of all jumps of the wall clock that servers of this database have noticed. */
  jumped_milliseconds: number;
  /** The machine's clocks when the row was written. */
  wall_milliseconds: number;
  monotonic_milliseconds: number;
  /** The boot id of the machine at that time; null where the system has none. */
  boot: string | null;
}
