/** The server process itself. */
export interface ThisProcess {
  /** What its rows name as their owner: a UUID, another one after each start. */
  id: string;
  /** Whether it holds the database alone, so that every other process is gone. */
  isAlone: boolean;
}
