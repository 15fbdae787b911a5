/**
 * Streams the changes of runs and deliveries as server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). They come from rows, which are read once a second
 * while anybody listens, so a page may be connected to any process of the database.
 */
import { Readable } from 'node:stream';
import { isIdentityValid } from '../accounts/authentication';
import { every, type Loop } from '../every';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { findBounds, listChanges, type Change } from './change-store';
import { eventData } from './event-data';

type Needs = Pick<Services, 'storage' | 'clock' | 'log' | 'lifecycle'>;

const pollMilliseconds = 1000;
const keepAliveMilliseconds = 15_000;
/** How often it is checked whether the session or the key of a stream still holds. */
const checkMilliseconds = 30_000;
/** Then the page connects again, and is authenticated again. */
const longestMilliseconds = 60 * 60_000;
const reconnectMilliseconds = 3000;

const mostOfOrganization = 20;
const mostOfProcess = 200;
/** So many changed runs and deliveries within a second are not sent one by one: the page reads its lists again. */
const mostEvents = 500;
/** A page that does not read its stream loses it, and resumes when it reads again. */
const mostUnreadBytes = 256 * 1024;

interface Listener {
  identity: Identity;
  stream: Readable;
  /** The last change that was sent, or that is of others. */
  after: number;
  openedAt: number;
  sentAt: number;
  checkedAt: number;
}

export class LiveChanges {
  readonly #listeners = new Set<Listener>();
  #loop: Loop | null = null;

  constructor(private readonly services: Needs) {}

  /**
   * @param lastEventId the id of the last event that the page has received; null for a new page.
   * @throws Problem busy when too many streams are open; unavailable when the server is stopping.
   */
  async open(identity: Identity, lastEventId: string | null): Promise<Readable> {
    const { storage, lifecycle, clock } = this.services;
    if (lifecycle.draining) {
      throw new Problem('unavailable', 'This server is stopping', { code: 'draining', retryAfterSeconds: 5 });
    }
    this.#requireRoom(identity.organizationId);
    const now = clock.steady().getTime();
    const stream = new Readable({ read: () => undefined });
    const listener = { identity, stream, after: Infinity, openedAt: now, sentAt: now, checkedAt: now };
    // Added before the first await, so that simultaneous requests count each other.
    this.#add(listener);
    try {
      const { oldest, newest } = await findBounds(storage.read);
      const last = lastEventId !== null && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
      const canResume = last !== null && last >= oldest - 1 && last <= newest;
      listener.after = canResume ? last : newest;
      this.#push(listener, `retry: ${String(reconnectMilliseconds)}\nid: ${String(listener.after)}\n\n`, now);
      if (lastEventId !== null && !canResume) this.#reset(listener, newest, now);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    return stream;
  }

  #requireRoom(organizationId: number): void {
    const own = [...this.#listeners].filter(({ identity }) => identity.organizationId === organizationId);
    if (own.length < mostOfOrganization && this.#listeners.size < mostOfProcess) return;
    throw new Problem('busy', 'Too many pages listen for changes: close some, or read the lists instead', {
      retryAfterSeconds: 30,
    });
  }

  #add(listener: Listener): void {
    this.#listeners.add(listener);
    listener.stream.once('close', () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      void this.#loop?.stop();
      this.#loop = null;
    });
    this.#loop ??= every(this.services, pollMilliseconds, 'changes could not be read', () => this.#round());
  }

  async #round(): Promise<void> {
    const now = this.services.clock.steady().getTime();
    for (const listener of this.#listeners) {
      const isOver = this.services.lifecycle.draining || now - listener.openedAt >= longestMilliseconds;
      if (isOver) this.#end(listener);
      else if (listener.stream.readableLength > mostUnreadBytes) listener.stream.destroy();
    }
    if (this.services.lifecycle.draining) return;
    await this.#endInvalid(now);
    await this.#sendChanges(now);
    for (const listener of this.#listeners) {
      if (now - listener.sentAt < keepAliveMilliseconds) continue;
      // An event without data only moves the id, from which the page would resume.
      this.#push(listener, `: keep-alive\nid: ${String(listener.after)}\n\n`, now);
    }
  }

  /** Ends the streams whose session has ended, or whose key was archived. */
  async #endInvalid(now: number): Promise<void> {
    for (const listener of this.#listeners) {
      if (now - listener.checkedAt < checkMilliseconds) continue;
      listener.checkedAt = now;
      if (!(await isIdentityValid(this.services, listener.identity))) this.#end(listener);
    }
  }

  async #sendChanges(now: number): Promise<void> {
    // A stream that is being opened knows its place only when `open` has read it.
    const listeners = [...this.#listeners].filter(({ after }) => Number.isFinite(after));
    const lowest = Math.min(...listeners.map(({ after }) => after));
    if (listeners.length === 0) return;
    const changes = await listChanges(this.services.storage.read, lowest);
    const [first] = changes;
    const newest = changes.at(-1)?.id;
    if (first === undefined || newest === undefined) return;
    for (const organizationId of new Set(listeners.map(({ identity }) => identity.organizationId))) {
      const own = listeners.filter(({ identity }) => identity.organizationId === organizationId);
      const latest = latestOfEach(
        changes.filter(({ organization_id }) => organization_id === organizationId),
      );
      const isTooMuch = latest.length > mostEvents;
      const events = isTooMuch ? [] : await this.#describe(latest);
      for (const listener of own) {
        const isGap = listener.after < first.id - 1;
        if (isTooMuch || isGap) this.#reset(listener, newest, now);
        const unsent = events.filter(({ id }) => id > listener.after).map(({ text }) => text);
        if (unsent.length > 0) this.#push(listener, unsent.join(''), now);
        listener.after = Math.max(listener.after, newest);
      }
    }
  }

  /** The events of these changes, with the state of now. What was deleted meanwhile has none. */
  async #describe(changes: readonly Change[]): Promise<{ id: number; text: string }[]> {
    const { read } = this.services.storage;
    const events = changes.map(async (change) => {
      const data = await eventData(read, change);
      if (data === null) return [];
      const text = `event: ${change.kind}\nid: ${String(change.id)}\ndata: ${JSON.stringify(data)}\n\n`;
      return [{ id: change.id, text }];
    });
    return (await Promise.all(events)).flat();
  }

  /** The page has missed changes, and must read its lists again. */
  #reset(listener: Listener, newest: number, now: number): void {
    listener.after = newest;
    this.#push(listener, `event: reset\nid: ${String(newest)}\ndata: {}\n\n`, now);
  }

  #end(listener: Listener): void {
    this.#listeners.delete(listener);
    listener.stream.push(null);
  }

  #push(listener: Listener, text: string, now: number): void {
    if (!this.#listeners.has(listener) || listener.stream.destroyed) return;
    listener.sentAt = now;
    listener.stream.push(text);
  }
}

/** The latest change of each run and delivery, oldest first. */
function latestOfEach(changes: readonly Change[]): Change[] {
  const latest = new Map<string, Change>();
  for (const change of changes) {
    const subject = `${change.kind} ${String(change.subject_id)}`;
    // Deleted first, so that the map stays in the order of the ids.
    latest.delete(subject);
    latest.set(subject, change);
  }
  return [...latest.values()];
}
