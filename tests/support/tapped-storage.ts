/** Wraps a storage, so that a test can observe, delay or fail its queries and writes. */
import type { CompiledQuery } from 'kysely';
import type {
  BodyForMany,
  LockName,
  Session,
  Storage,
  WriteSession,
} from '../../trigger-server/src/storage/port';

type Body<Result> = (session: WriteSession) => Promise<Result>;

export interface Tap {
  /** Runs before each query. If it throws, the query fails with that error. */
  beforeQuery?: (query: CompiledQuery) => void;
  /** @param rows the number of returned or changed rows. */
  afterQuery?: (query: CompiledQuery, rows: number) => void;
  /** Runs before each lock. @param held by the same write. */
  beforeLock?: (name: LockName, held: readonly LockName[]) => void;
  /** Runs before each write. If it throws, the write fails with that error. */
  beforeWrite?: () => void | Promise<void>;
  /** Runs inside each write, after its body. If it throws, the write is rolled back. */
  afterBody?: () => void;
}

export class TappedStorage implements Storage {
  #tap: Tap = {};
  #underWay = 0;
  /** The observed form of each body that writes many items: one, as that of the storage. */
  readonly #bodies = new Map<BodyForMany<unknown, unknown>, BodyForMany<unknown, unknown>>();

  constructor(private readonly storage: Storage) {}

  /** Replaces the current hooks. */
  tap(tap: Tap): void {
    this.#tap = tap;
  }

  untap(): void {
    this.#tap = {};
  }

  get read(): Session {
    return this.#seen(this.storage.read);
  }

  async write<Result>(body: Body<Result>): Promise<Result> {
    const { beforeWrite, afterBody } = this.#tap;
    await beforeWrite?.();
    const write = this.storage.write(async (session) => {
      const result = await body(this.#seenWrite(session));
      afterBody?.();
      return result;
    });
    return this.#counted(write);
  }

  async writeTogether<Item, Result>(body: BodyForMany<Item, Result>, item: Item): Promise<Result> {
    await this.#tap.beforeWrite?.();
    const own = body as BodyForMany<unknown, unknown>;
    const seen = this.#bodies.get(own) ?? this.#seenBody(own);
    this.#bodies.set(own, seen);
    return (await this.#counted(this.storage.writeTogether(seen, item))) as Result;
  }

  #seenBody(body: BodyForMany<unknown, unknown>): BodyForMany<unknown, unknown> {
    return async (session, items) => {
      const outcomes = await body(this.#seenWrite(session), items);
      this.#tap.afterBody?.();
      return outcomes;
    };
  }

  /** Resolves when no query and no write is under way. A database over a socket takes several turns for each. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#underWay > 0);
  }

  tidyUp(): Promise<boolean> {
    return this.#counted(this.storage.tidyUp());
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  async #counted<Result>(work: Promise<Result>): Promise<Result> {
    this.#underWay += 1;
    try {
      return await work;
    } finally {
      this.#underWay -= 1;
    }
  }

  #seenWrite(session: WriteSession): WriteSession {
    const { beforeLock } = this.#tap;
    const held: LockName[] = [];
    return {
      ...this.#seen(session),
      lock: async (name, id) => {
        beforeLock?.(name, held);
        await session.lock(name, id);
        held.push(name);
      },
      add: session.add.bind(session),
    };
  }

  #seen(session: Session): Session {
    const { beforeQuery, afterQuery } = this.#tap;
    return {
      builder: session.builder,
      run: async <Row>(query: CompiledQuery<Row>) => {
        beforeQuery?.(query);
        const outcome = await this.#counted(session.run(query));
        afterQuery?.(query, outcome.changes);
        return outcome;
      },
      first: async <Row>(query: CompiledQuery<Row>) => {
        beforeQuery?.(query);
        const row = await this.#counted(session.first(query));
        afterQuery?.(query, row === undefined ? 0 : 1);
        return row;
      },
    };
  }
}
