/** How long the database takes, for the metrics. */

/**
 * `read`: the reads that go to the database together. `write`: a transaction with its commit. `connection`: the wait for
 * a connection of the pool.
 */
export type DatabaseWork = 'read' | 'write' | 'connection';

export type NoteTime = (work: DatabaseWork, milliseconds: number) => void;
