/**
 * How many deliveries may be under way at once: to one receiver, to an organization's receivers at one host, and for one
 * organization. Each begins with a few. What answers well and at once is sent more at a time, up to a bound; a receiver
 * that fails is sent fewer. So one that hangs takes little room, and one that is quick is not held back.
 */
import { forgetOldest } from '../../forget-oldest';
import { afterHostOf, afterOrganizationOf, hostOf, organizationOf } from './receiver';

interface Level {
  /** Receivers of one name share the room. */
  nameOf: (receiver: string) => string;
  /** Until answers say more. */
  first: number;
  least: number;
  most: number;
}

const receiverLevel: Level = { nameOf: (receiver) => receiver, first: 4, least: 1, most: 64 };
/** One address that hangs must take no room from the others at its host: so this never falls below its first. */
const hostLevel: Level = { nameOf: hostOf, first: 12, least: 12, most: 72 };
/** Nor from the organization's other hosts. However many receivers a tenant names, there is room for other tenants'. */
const organizationLevel: Level = {
  nameOf: (receiver) => String(organizationOf(receiver)),
  first: 16,
  least: 16,
  most: 96,
};
const mostOfAll = 128;

/** What answers later than this would only answer later still. */
const atOnceMilliseconds = 1000;
/** On each level. What is forgotten begins anew. */
const mostRemembered = 1000;

/** What an attempt says of its receiver. */
export interface Answer {
  /** It took the event. */
  isGood: boolean;
  durationMilliseconds: number;
}

export class Room {
  private readonly receivers = new Crowd(receiverLevel);
  private readonly hosts = new Crowd(hostLevel);
  private readonly organizations = new Crowd(organizationLevel);
  private readonly crowds = [this.receivers, this.hosts, this.organizations];
  private taken = 0;

  /** For receivers of any name. */
  left(): number {
    return mostOfAll - this.taken;
  }

  leftFor(receiver: string): number {
    return Math.min(this.left(), ...this.crowds.map((crowd) => crowd.leftFor(receiver)));
  }

  /** Where the organization or the host has no room: the name after which the next receivers may have some. */
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

  /** For an attempt that still has its room. */
  learn(receiver: string, answer: Answer): void {
    for (const crowd of this.crowds) crowd.learn(receiver, answer);
  }
}

/** The room of one level. */
class Crowd {
  private readonly underWay = new Map<string, number>();
  /** Of those whose answers have moved it. */
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
    // One that has little to do has not shown that it can do more.
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
    // Set anew, so that the oldest is the one that has not been used for longest.
    this.limits.delete(name);
    this.limits.set(name, limit);
    forgetOldest(this.limits, mostRemembered);
  }
}
