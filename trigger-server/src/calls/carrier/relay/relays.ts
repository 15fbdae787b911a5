/** The relays that are open at this process, so that a server that stops lets their calls end. */
import type { Clock } from '../../../clock';
import type { RelaySession } from './session';

/** How long a relay may take to close, after it was told to. */
const closingMilliseconds = 2000;

export class Relays {
  private readonly open = new Set<RelaySession>();

  constructor(private readonly clock: Clock) {}

  add(session: RelaySession): void {
    this.open.add(session);
    void session.closed.then(() => this.open.delete(session));
  }

  /**
   * Resolves when all are closed. One that is open at the end of the time is closed after the turn that is under way: its
   * carrier then asks for a document, with which another process goes on.
   */
  async end(milliseconds: number): Promise<void> {
    await this.closedWithin(milliseconds);
    for (const session of this.open) session.stop();
    await this.closedWithin(closingMilliseconds);
    this.cut();
  }

  /** Breaks all connections, as when the process is killed. */
  cut(): void {
    for (const session of this.open) session.cut();
  }

  private async closedWithin(milliseconds: number): Promise<void> {
    if (this.open.size === 0) return;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.clock.after(milliseconds, resolve);
    });
    await Promise.race([Promise.all([...this.open].map(({ closed }) => closed)), late]);
    cancel();
  }
}
