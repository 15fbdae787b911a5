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
