/**
 * The order of changes. On PostgreSQL, writes that overlap may commit in another order than they took their ids: a change
 * with a smaller id may appear after one with a larger id. So an id that is missing is waited for, until its write has
 * certainly ended without it.
 */

/** Longer than a write waits for its locks and is then idle (`storage/postgres/connections.ts`). */
const longestWriteMilliseconds = 10_000;

export class LateChanges {
  /** Since when each id is missing, by the steady clock in milliseconds. */
  readonly #missing = new Map<number, number>();

  /**
   * @param after an id up to which no change is missing.
   * @param ids the ids of all changes after it, in order.
   * @param now by the steady clock, in milliseconds.
   * @returns the last id up to which no change is missing any more.
   */
  complete(after: number, ids: readonly number[], now: number): number {
    let complete = after;
    let previous = after;
    let isWaiting = false;
    for (const id of ids) {
      for (let missing = previous + 1; missing < id; missing += 1) {
        const since = this.#missing.get(missing) ?? now;
        this.#missing.set(missing, since);
        isWaiting ||= now - since < longestWriteMilliseconds;
      }
      previous = id;
      if (!isWaiting) complete = id;
    }
    return complete;
  }

  /** Nobody reads the changes up to this id any more. */
  forget(upTo: number): void {
    for (const id of this.#missing.keys()) if (id <= upTo) this.#missing.delete(id);
  }
}
