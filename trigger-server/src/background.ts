/** Work that nobody waits for. It ends before the database is closed. */
import type { Logger } from 'pino';
import { describeError } from './describe-error';

export class Background {
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly log: Pick<Logger, 'error'>) {}

  /** @param failure what is logged when it fails, with these fields. */
  begin(failure: string, work: () => Promise<void>, fields: Record<string, number> = {}): void {
    const ended = work()
      .catch((error: unknown) => {
        this.log.error({ ...fields, error: describeError(error) }, failure);
      })
      .then(() => {
        this.underWay.delete(ended);
      });
    this.underWay.add(ended);
  }

  /** Resolves once nothing is under way. */
  async ended(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }
}
