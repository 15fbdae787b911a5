/**
 * The daily limits of the keys of many calls that one write records or takes out of the queue: read once and written once for
 * each key, however many calls it has. The locks of their organizations are held, so nobody else counts meanwhile.
 */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import type { Session } from '../../storage/port';
import { dayOf } from './destination-policy';
import { addToDay, beginDay, findCallsOfDay, forgetEarlierDays } from './destination-policy-store';

/** A call of a key. @property apiKeyId null for a call without a key, which is not counted. */
export interface KeyCall {
  policy: DestinationPolicy;
  apiKeyId: number | null;
  now: Date;
}

interface Day {
  apiKeyId: number;
  day: string;
  /** Null: the key has placed no call on the day. */
  before: number | null;
  added: number;
}

export class DailyCalls {
  private readonly days = new Map<string, Day>();

  constructor(private readonly session: Session) {}

  /** Reads what the keys of these calls have placed. A key without a limit costs no query. */
  async read(calls: readonly KeyCall[]): Promise<void> {
    for (const { policy, apiKeyId, now } of calls) {
      if (policy.daily_calls_per_key === null || apiKeyId === null) continue;
      const day = dayOf(now);
      this.days.set(nameOf(apiKeyId, day), { apiKeyId, day, before: null, added: 0 });
    }
    await Promise.all(
      Array.from(this.days.values(), async (entry) => {
        entry.before = await findCallsOfDay(this.session, entry.apiKeyId, entry.day);
      }),
    );
  }

  /** Whether the key of a call has not reached its limit of the day. */
  mayCall(call: KeyCall): boolean {
    const { daily_calls_per_key: limit } = call.policy;
    const entry = this.dayOf(call);
    return limit === null || entry === undefined || (entry.before ?? 0) + entry.added < limit;
  }

  /** Counts a call that is to be placed. Changing the limit keeps the count of the day. */
  count(call: KeyCall): void {
    const entry = this.dayOf(call);
    if (entry !== undefined) entry.added += 1;
  }

  private dayOf({ apiKeyId, now }: KeyCall): Day | undefined {
    return apiKeyId === null ? undefined : this.days.get(nameOf(apiKeyId, dayOf(now)));
  }

  /** Writes the counts, in the transaction that records or takes the calls. */
  async write(): Promise<void> {
    await Promise.all(
      Array.from(this.days.values(), async ({ apiKeyId, day, before, added }) => {
        if (added === 0) return;
        if (before !== null) return addToDay(this.session, { apiKeyId, day, calls: added });
        await beginDay(this.session, { apiKeyId, day, calls: added });
        await forgetEarlierDays(this.session, apiKeyId, day);
      }),
    );
  }
}

function nameOf(apiKeyId: number, day: string): string {
  return `${String(apiKeyId)} ${day}`;
}
