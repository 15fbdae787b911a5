/**
 * The calls that this process records or dials now. A run without an outcome that is not among them is never dialled: its
 * transaction was committed, but the reply of the database was lost.
 */
export class OwnDials {
  private readonly recordings = new Set<Promise<unknown>>();
  private readonly runIds = new Set<number>();

  /**
   * @param recording the write of runs. @param dialled the ids of those that this process must then dial.
   * @returns what the write returns. @throws what it throws.
   */
  async add<Result>(
    recording: Promise<Result>,
    dialled: (result: Result) => readonly number[],
  ): Promise<Result> {
    const added = recording.then((result) => {
      for (const runId of dialled(result)) this.runIds.add(runId);
      return result;
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
