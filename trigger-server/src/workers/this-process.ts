/** The server process itself. */
export interface ThisProcess {
  /** The owner in the rows of this process: a UUID, new at each start. */
  id: string;
  /** Whether it is the only process of the database, so that every other one is gone. */
  isAlone: boolean;
}
