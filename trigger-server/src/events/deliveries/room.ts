/**
 * How many deliveries may be under way at once: to one receiver, to an organization's receivers at one host, and for one
 * organization. Each limit begins low. Quick successful answers raise it up to a bound, failures lower it. So a receiver
 * that hangs takes little room, and a quick one is not held back.
 */
import { forgetOldest } from '../../forget-oldest';
import { afterHostOf, afterOrganizationOf, hostOf, organizationOf } from './receiver';

interface Level {
  /** Receivers with the same name on this level share its room. */
  nameOf: (receiver: string) => string;
  /** The limit before the first answer. */
  first: number;
  least: number;
  most: number;
}

const receiverLevel: Level = { nameOf: (receiver) => receiver, first: 4, least: 1, most: 64 };
/** Never below its first value, so that an address that hangs takes no room from the others at its host. */
const hostLevel: Level = { nameOf: hostOf, first: 12, least: 12, most: 72 };
/**
 * Never below its first value either, for the organization's other hosts. Its bound is less than that of all together, so
 * that other tenants always have room.
 */
const organizationLevel: Level = {
  nameOf: (receiver) => String(organizationOf(receiver)),
  first: 16,
  least: 16,
  most: 96,
};
const mostOfAll = 128;

/** A receiver that takes longer than this would only become slower with more at once. */
const atOnceMilliseconds = 1000;
/** How many limits each level remembers. A forgotten one begins again at its first value. */
const mostRemembered = 1000;

/** What an attempt shows about its receiver. */
export interface Answer {
  /** Whether the receiver accepted the event. */
  isGood: boolean;
  durationMilliseconds: number;
}

export class Room {
  private readonly receivers = new Crowd(receiverLevel);
  private readonly hosts = new Crowd(hostLevel);
  private readonly organizations = new Crowd(organizationLevel);
  private readonly crowds = [this.receivers, this.hosts, this.organizations];
  private taken = 0;

  /** The room that is left in total. */
  left(): number {
    return mostOfAll - this.taken;
  }

  leftFor(receiver: string): number {
    return Math.min(this.left(), ...this.crowds.map((crowd) => crowd.leftFor(receiver)));
  }

  /**
   * If the organization or the host has no room, the name after which the search for other receivers continues; else
   * null.
   */
  passFull(receiver: string): string | null {
    if (this.organizations.leftFor(receiver) <= 0) return afterOrganizationOf(receiver);
    return this.hosts.leftFor(receiver) <= 0 ? afterHostOf(receiver) : null;
  }

  take(receiver: string): void {
    this.taken += 1;
    for (const crowd of this.crowds) crowd.take(receiver);
  }

  leave(receiver: string): void {
    this.taken -= 1;
    for (const crowd of this.crowds) crowd.leave(receiver);
  }

  /** Adjusts the limits. Must be called while the attempt still holds its room. */
  learn(receiver: string, answer: Answer): void {
    for (const crowd of this.crowds) crowd.learn(receiver, answer);
  }
}

/** The limits of one level. */
class Crowd {
  private readonly underWay = new Map<string, number>();
  /** Only the limits that answers have changed. */
  private readonly limits = new Map<string, number>();

  constructor(private readonly level: Level) {}

  leftFor(receiver: string): number {
    const name = this.level.nameOf(receiver);
    return this.limitOf(name) - this.countOf(name);
  }

  take(receiver: string): void {
    const name = this.level.nameOf(receiver);
    this.underWay.set(name, this.countOf(name) + 1);
  }

  leave(receiver: string): void {
    const name = this.level.nameOf(receiver);
    const left = this.countOf(name) - 1;
    if (left > 0) this.underWay.set(name, left);
    else this.underWay.delete(name);
  }

  learn(receiver: string, { isGood, durationMilliseconds }: Answer): void {
    const { nameOf, least, most } = this.level;
    const name = nameOf(receiver);
    const limit = this.limitOf(name);
    if (!isGood) {
      this.setLimit(name, Math.max(least, Math.floor(limit / 2)));
      return;
    }
    // Only a receiver that uses most of its room has shown that it can handle more.
    const isBusy = 2 * this.countOf(name) >= limit;
    if (isBusy && durationMilliseconds < atOnceMilliseconds) this.setLimit(name, Math.min(most, limit + 1));
  }

  private limitOf(name: string): number {
    return this.limits.get(name) ?? this.level.first;
  }

  private countOf(name: string): number {
    return this.underWay.get(name) ?? 0;
  }

  private setLimit(name: string, limit: number): void {
    // Deleted first, so that the oldest entry of the map is the least recently changed one.
    this.limits.delete(name);
    this.limits.set(name, limit);
    forgetOldest(this.limits, mostRemembered);
  }
}
