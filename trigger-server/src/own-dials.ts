/**
 * The calls that this process records or dials now. A run without an outcome that is not among them is never dialled: its
 * transaction was committed, but the reply of the database was lost.
 */
export class OwnDials {
  private readonly recordings = new Set<Promise<unknown>>();
  /** How many dials of a name (`callName`) this process has: one whose outcome is written again, and the next one. */
  private readonly counts = new Map<string, number>();

  /**
   * @param recording the write of runs. @param dialled the names (`callName`) of the calls that this process must then dial.
   * @returns what the write returns. @throws what it throws.
   */
  async add<Result>(
    recording: Promise<Result>,
    dialled: (result: Result) => readonly string[],
  ): Promise<Result> {
    const added = recording.then((result) => {
      for (const name of dialled(result)) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
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
  remove(name: string): void {
    const count = this.counts.get(name) ?? 0;
    if (count > 1) this.counts.set(name, count - 1);
    else this.counts.delete(name);
  }

  /** Waits until the runs that are being recorded now are dialled, or their writes have failed. */
  async recorded(): Promise<void> {
    await Promise.allSettled(this.recordings);
  }

  has(name: string): boolean {
    return this.counts.has(name);
  }
}
