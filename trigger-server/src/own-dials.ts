/**
 * The calls that this process records or dials now. A run without an outcome that is not among them is never dialled: its
 * transaction was committed, but the reply of the database was lost.
 */
export class OwnDials {
  private readonly recordings = new Set<Promise<number>>();
  private readonly runIds = new Set<number>();

  /** @param recording the write of a run, which must then be dialled. @returns the id of the run. @throws what it throws. */
  async add(recording: Promise<number>): Promise<number> {
    const added = recording.then((runId) => {
      this.runIds.add(runId);
      return runId;
    });
    this.recordings.add(added);
    try {
      return await added;
    } finally {
      this.recordings.delete(added);
    }
  }

  /** Call it when the outcome of the dial is committed. */
  remove(runId: number): void {
    this.runIds.delete(runId);
  }

  /** Waits until the runs that are being recorded now are dialled, or their writes have failed. */
  async recorded(): Promise<void> {
    await Promise.allSettled(this.recordings);
  }

  has(runId: number): boolean {
    return this.runIds.has(runId);
  }
}
