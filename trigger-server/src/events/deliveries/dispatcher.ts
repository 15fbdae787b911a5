/**
 * Takes deliveries that are due and sends them, fairly: receivers take turns, and each has a few under way at most. So
 * one that is down, with ten thousand deliveries waiting for it, holds back nobody else's.
 */
import { describeError } from '../../describe-error';
import { beginAttempt } from './attempt-store';
import { attemptDelivery, type DeliveryServices } from './delivery';
import { claimDelivery, type DeliveryRow } from './delivery-store';
import { hasBecomeDue, listDue, noteDue, type DueDelivery } from './due-store';
import { afterHostOf, afterOrganizationOf, hostOf, organizationOf } from './receiver';
import { leaseEnd } from './retry-schedule';

const mostUnderWay = 64;
/** However many receivers a tenant names, there is room for the others'. */
const mostPerOrganization = 16;
/** However many addresses at one host hang, there is room for the organization's other hosts. */
const mostPerHost = 12;
const mostPerReceiver = 4;

/**
 * However much has become due at once, nothing else in the server waits long for one look. A note writes the row anew, and
 * a row with its body may hold a megabyte.
 */
const mostNotedAtATime = 50;
const receiversAtATime = 32;

export class Dispatcher {
  private readonly underWay = new Map<number, { receiver: string; ended: Promise<void> }>();
  private lastReceiver = '';
  private filling: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopped = false;

  constructor(private readonly services: DeliveryServices) {}

  /** Sends what is due, as far as there is room; what ends makes room for more. */
  dispatch(): void {
    if (this.isStopped) return;
    if (this.filling !== null) {
      this.isAskedAgain = true;
      return;
    }
    this.isAskedAgain = false;
    this.filling = this.fill()
      .catch((error: unknown) => {
        this.services.log.error({ error: describeError(error) }, 'due events could not be taken; it goes on');
      })
      .then(() => {
        this.filling = null;
        if (this.isAskedAgain) this.dispatch();
      });
  }

  /** Resolves once nothing is due and nothing is under way. */
  async idle(): Promise<void> {
    while (this.filling !== null || this.underWay.size > 0) {
      await Promise.all([this.filling, ...[...this.underWay.values()].map(({ ended }) => ended)]);
    }
  }

  /** Takes nothing more, and resolves once what is under way has ended. */
  stop(): Promise<void> {
    this.isStopped = true;
    return this.idle();
  }

  private async fill(): Promise<void> {
    for (;;) {
      const room = mostUnderWay - this.underWay.size;
      if (room <= 0 || this.isStopped) return;
      const noted = await this.note();
      const ids = await this.choose(room);
      for (const delivery of await this.claim(ids)) this.start(delivery);
      if (ids.length === 0 && noted < mostNotedAtATime) return;
    }
  }

  /** Notes what has become due; gives how many deliveries. */
  private async note(): Promise<number> {
    const { storage, clock } = this.services;
    const now = clock.now().toISOString();
    if (!(await hasBecomeDue(storage.read, now))) return 0;
    return storage.write((session) => noteDue(session, { now, limit: mostNotedAtATime }));
  }

  /** The attempt is written down in the transaction that takes the delivery: one that is cut off is seen, too. */
  private async claim(ids: readonly number[]): Promise<DeliveryRow[]> {
    if (ids.length === 0) return [];
    const now = this.services.clock.now();
    return this.services.storage.write(async (session) => {
      const claimed: DeliveryRow[] = [];
      for (const id of ids) {
        const delivery = await claimDelivery(session, { id, leaseEnd: leaseEnd(now).toISOString() });
        if (delivery === undefined) continue;
        const number = delivery.attempt_count;
        await beginAttempt(session, { deliveryId: id, number, startedAt: now.toISOString() });
        claimed.push(delivery);
      }
      return claimed;
    });
  }

  private start(delivery: DeliveryRow): void {
    const { id, uuid, receiver } = delivery;
    const ended = attemptDelivery(this.services, delivery)
      .catch((error: unknown) => {
        // It is due again when its lease ends.
        const facts = { delivery: uuid, error: describeError(error) };
        this.services.log.error(facts, 'an attempt could not be recorded');
      })
      .then(() => {
        this.underWay.delete(id);
        this.dispatch();
      });
    this.underWay.set(id, { receiver, ended });
  }

  /** One delivery of each receiver that is due and has room, beginning after the receiver that came last. */
  private async choose(room: number): Promise<number[]> {
    const perReceiver = new Map<string, number>();
    const perHost = new Map<string, number>();
    const perOrganization = new Map<number, number>();
    const countReceiver = (receiver: string) => {
      count(perReceiver, receiver);
      count(perHost, hostOf(receiver));
      count(perOrganization, organizationOf(receiver));
    };
    for (const { receiver } of this.underWay.values()) countReceiver(receiver);
    const passFull = (receiver: string) => {
      if ((perOrganization.get(organizationOf(receiver)) ?? 0) >= mostPerOrganization) {
        return afterOrganizationOf(receiver);
      }
      return (perHost.get(hostOf(receiver)) ?? 0) >= mostPerHost ? afterHostOf(receiver) : null;
    };
    const chosen: number[] = [];
    for await (const { receiver, id } of this.dueInTurn(passFull)) {
      if ((perReceiver.get(receiver) ?? 0) >= mostPerReceiver) continue;
      // An attempt that outlives its lease is due again while it lasts.
      if (this.underWay.has(id)) continue;
      chosen.push(id);
      countReceiver(receiver);
      this.lastReceiver = receiver;
      if (chosen.length === room) break;
    }
    return chosen;
  }

  /**
   * Once around the receivers that something is due for.
   * @param passFull for a receiver whose organization or host is full, the name after which it goes on.
   */
  private async *dueInTurn(passFull: (receiver: string) => string | null): AsyncGenerator<DueDelivery> {
    const start = this.lastReceiver;
    for (const [from, end] of [[start, null] as const, ['', start] as const]) {
      for (let after: string | null = from; after !== null;) {
        const page = await listDue(this.services.storage.read, { after, limit: receiversAtATime });
        after = page.length < receiversAtATime ? null : (page.at(-1)?.receiver ?? null);
        for (const due of page) {
          if (end !== null && due.receiver > end) return;
          const goOn = passFull(due.receiver);
          if (goOn !== null) {
            after = goOn;
            break;
          }
          yield due;
        }
      }
    }
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
