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
import { LateChanges } from './late-changes';

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
/** The table of changes has at least so many. */
const mostKept = 10_000;
/** A new page gets late changes among the last of these. */
const mostLate = 100;
/** A page that does not read its stream loses it, and resumes when it reads again. */
const mostUnreadBytes = 256 * 1024;

interface Listener {
  identity: Identity;
  stream: Readable;
  /** All changes up to this one were sent, or are of others. */
  after: number;
  /** Later changes that were sent already. */
  sent: Set<number>;
  openedAt: number;
  sentAt: number;
  checkedAt: number;
}

export class LiveChanges {
  readonly #listeners = new Set<Listener>();
  readonly #late = new LateChanges();
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
    const times = { openedAt: now, sentAt: now, checkedAt: now };
    const listener = { identity, stream, after: Infinity, sent: new Set<number>(), ...times };
    // Added before the first await, so that simultaneous requests count each other.
    this.#add(listener);
    try {
      const { oldest, newest } = await findBounds(storage.read);
      const last = lastEventId !== null && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
      const canResume = last !== null && last >= oldest - 1 && last <= newest;
      if (canResume) listener.after = last;
      else await this.#beginAtNewest(listener, Math.max(oldest - 1, newest - mostLate), now);
      this.#push(listener, `retry: ${String(reconnectMilliseconds)}\nid: ${String(listener.after)}\n\n`, now);
      if (lastEventId !== null && !canResume) this.#reset(listener, now);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    return stream;
  }

  /** Everything that is there now was sent as far as a new page is concerned, but not what appears late. */
  async #beginAtNewest(listener: Listener, from: number, now: number): Promise<void> {
    const ids = (await listChanges(this.services.storage.read, from)).map(({ id }) => id);
    listener.sent = new Set(ids);
    this.#advance(listener, from, ids, now);
  }

  #advance(listener: Listener, from: number, ids: readonly number[], now: number): void {
    listener.after = this.#late.complete(from, ids, now);
    for (const id of listener.sent) if (id <= listener.after) listener.sent.delete(id);
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
    const newest = changes.at(-1)?.id;
    if (newest === undefined) return;
    for (const organizationId of new Set(listeners.map(({ identity }) => identity.organizationId))) {
      const own = listeners.filter(({ identity }) => identity.organizationId === organizationId);
      const unsent = changes.filter(
        (change) =>
          change.organization_id === organizationId && own.some((listener) => isUnsent(listener, change.id)),
      );
      const latest = latestOfEach(unsent);
      const isTooMuch = latest.length > mostEvents;
      const events = isTooMuch ? [] : await this.#describe(latest);
      for (const listener of own) {
        const mustReset = isTooMuch || listener.after < newest - mostKept;
        const news = mustReset ? [] : events.filter(({ id }) => isUnsent(listener, id));
        for (const { id } of unsent) listener.sent.add(id);
        const from = mustReset ? Math.max(listener.after, newest - mostLate) : listener.after;
        const ids = changes.filter(({ id }) => id > from).map(({ id }) => id);
        this.#advance(listener, from, ids, now);
        if (mustReset) this.#reset(listener, now);
        const texts = news.map(({ id, kind, data }) => {
          // A page that resumes from here gets what came late, and what it has already.
          const resumeFrom = Math.min(id, listener.after);
          return `event: ${kind}\nid: ${String(resumeFrom)}\ndata: ${data}\n\n`;
        });
        if (texts.length > 0) this.#push(listener, texts.join(''), now);
      }
    }
    this.#late.forget(Math.min(...listeners.map(({ after }) => after)));
  }

  /** The events of these changes, with the state of now. What was deleted meanwhile has none. */
  async #describe(changes: readonly Change[]): Promise<{ id: number; kind: Change['kind']; data: string }[]> {
    const { read } = this.services.storage;
    const events = changes.map(async (change) => {
      const data = await eventData(read, change);
      return data === null ? [] : [{ id: change.id, kind: change.kind, data: JSON.stringify(data) }];
    });
    return (await Promise.all(events)).flat();
  }

  /** The page has missed changes, and must read its lists again. */
  #reset(listener: Listener, now: number): void {
    this.#push(listener, `event: reset\nid: ${String(listener.after)}\ndata: {}\n\n`, now);
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

function isUnsent({ after, sent }: Listener, id: number): boolean {
  return id > after && !sent.has(id);
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
