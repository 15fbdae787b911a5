/** Items that arrive close together are written by one write: those that have arrived when it begins. */
import { DamagedDatabase, DatabaseRefusal, type BodyForMany, type Settled, type Storage } from './port';

interface PendingItem<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** @see Storage.writeTogether */
export class TogetherWrites {
  /** By their body, the items that wait for a write, which is requested already. */
  private readonly pending = new Map<unknown, unknown[]>();

  constructor(private readonly write: Storage['write']) {}

  add<Item, Result>(body: BodyForMany<Item, Result>, item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const added: PendingItem<Item, Result> = { item, resolve, reject };
      const pending = this.pending.get(body);
      if (pending !== undefined) {
        pending.push(added);
        return;
      }
      this.pending.set(body, [added]);
      void this.writePending(body);
    });
  }

  private async writePending<Item, Result>(body: BodyForMany<Item, Result>): Promise<void> {
    let taken: PendingItem<Item, Result>[] | undefined;
    // Only when the write begins, and once, although its body may run more than once.
    const take = () => {
      taken ??= this.take(body);
      return taken;
    };
    try {
      const outcomes = await this.write((session) => body(session, itemsOf(take())));
      take().forEach((pending, index) => {
        settle(pending, outcomes[index]);
      });
    } catch (error) {
      const items = take();
      // A refusal of the database concerns all of them.
      const concernsAll = error instanceof DatabaseRefusal || error instanceof DamagedDatabase;
      if (concernsAll || items.length === 1) for (const { reject } of items) reject(error);
      else await Promise.all(items.map((pending) => this.writeAlone(body, pending)));
    }
  }

  private take<Item, Result>(body: BodyForMany<Item, Result>): PendingItem<Item, Result>[] {
    const items = this.pending.get(body) as PendingItem<Item, Result>[] | undefined;
    this.pending.delete(body);
    return items ?? [];
  }

  private async writeAlone<Item, Result>(
    body: BodyForMany<Item, Result>,
    pending: PendingItem<Item, Result>,
  ): Promise<void> {
    try {
      const [outcome] = await this.write((session) => body(session, itemsOf([pending])));
      settle(pending, outcome);
    } catch (error) {
      pending.reject(error);
    }
  }
}

function itemsOf<Item>(pending: readonly PendingItem<Item, never>[]): Item[] {
  return pending.map(({ item }) => item);
}

function settle<Result>(
  { resolve, reject }: PendingItem<unknown, Result>,
  outcome: Settled<Result> | undefined,
): void {
  if (outcome?.ok === true) resolve(outcome.result);
  else reject(outcome?.error);
}
