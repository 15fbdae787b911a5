/** The pace of carrier accounts: between two calls of one account that may wait lies the pause that its carrier asks for. */
import type { OutboundRoute } from '../../telephony/outbound-route';
import type { Session } from '../../storage/port';
import { accountTurnQuery, takeAccountTurnQuery } from './account-turn-store';

type Pace = Pick<OutboundRoute, 'configurationId' | 'callsPerSecond'>;

/** The turns of accounts, read once each. */
export class AccountTurns {
  /** When each account is free again, in milliseconds by the steady clock. */
  private readonly free = new Map<number, number>();

  constructor(private readonly session: Session) {}

  /**
   * @param now by the steady clock.
   * @returns null if the account may place a call now; or when it may, in milliseconds by the steady clock.
   */
  async of(configurationId: number, now: Date): Promise<number | null> {
    let free = this.free.get(configurationId);
    if (free === undefined) {
      const row = await accountTurnQuery.first(this.session, { configurationId });
      free = row === undefined ? 0 : Date.parse(row.free_at);
      this.free.set(configurationId, free);
    }
    return free > now.getTime() ? free : null;
  }

  /** Counts a call that is about to be placed, without a write. @param now by the steady clock. */
  count({ configurationId, callsPerSecond }: Pace, now: Date): void {
    if (callsPerSecond === null) return;
    this.free.set(configurationId, Math.ceil(now.getTime() + 1000 / callsPerSecond));
  }

  /** Takes the turn of an account, in the transaction that takes its call. @param now by the steady clock. */
  async take(pace: Pace, now: Date): Promise<void> {
    this.count(pace, now);
    const free = this.free.get(pace.configurationId);
    if (pace.callsPerSecond === null || free === undefined) return;
    const freeAt = new Date(free).toISOString();
    await takeAccountTurnQuery.changes(this.session, { configurationId: pace.configurationId, freeAt });
  }
}
