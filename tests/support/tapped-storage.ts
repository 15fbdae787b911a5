/** A database that tests come between: it runs what is written, and a test may look at it, hold it up or refuse it. */
import type { CompiledQuery } from 'kysely';
import type { Session, Storage, WriteSession } from '../../trigger-server/src/storage/port';

type Body<Result> = (session: WriteSession) => Promise<Result>;

export interface Tap {
  /** Runs before each query, which is refused with what it throws. */
  beforeQuery?: (query: CompiledQuery) => void;
  /** @param rows how many the query gave, or changed. */
  afterQuery?: (query: CompiledQuery, rows: number) => void;
  /** Runs before each write, which is refused with what it throws. */
  beforeWrite?: () => void | Promise<void>;
  /** Runs inside each write, after its body; what it throws rolls the write back. */
  afterBody?: () => void;
}

export class TappedStorage implements Storage {
  #tap: Tap = {};

  constructor(private readonly storage: Storage) {}

  /** From now on this stands between, and nothing else. */
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
    return this.storage.write(async (session) => {
      const lock = session.lock.bind(session);
      const result = await body({ ...this.#seen(session), lock });
      afterBody?.();
      return result;
    });
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  #seen(session: Session): Session {
    const { beforeQuery, afterQuery } = this.#tap;
    return {
      builder: session.builder,
      async run<Row>(query: CompiledQuery<Row>) {
        beforeQuery?.(query);
        const outcome = await session.run(query);
        afterQuery?.(query, outcome.changes);
        return outcome;
      },
      async first<Row>(query: CompiledQuery<Row>) {
        beforeQuery?.(query);
        const row = await session.first(query);
        afterQuery?.(query, row === undefined ? 0 : 1);
        return row;
      },
    };
  }
}
