/** A database that tests come between: it runs what is written, and a test may look at it, hold it up or refuse it. */
import type { Session, Storage } from '../../trigger-server/src/storage/storage';

type Body<Result> = (session: Session) => Promise<Result>;

export interface Tap {
  /** Stands around the session of each read and write. */
  session?: (session: Session) => Session;
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
      const result = await body(this.#seen(session));
      afterBody?.();
      return result;
    });
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  #seen(session: Session): Session {
    return this.#tap.session?.(session) ?? session;
  }
}
