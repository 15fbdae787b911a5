/** Removes what an organization keeps no longer, part by part. */
import type { RetentionSettings } from '@dograh-trigger/shared';
import { listOrganizationIds } from '../accounts/organizations';
import { recordAudit, type Actor } from '../audit/audit';
import type { Services } from '../services';
import type { WriteSession } from '../storage/port';
import { beginning, kinds, type Kind, type Place } from './kinds';
import { parseSettings } from './settings';
import { holdQuery, noteArtifactsQuery, ofOrganizationQuery, type RetentionRow } from './store';

type Needs = Pick<Services, 'storage' | 'clock'>;

const millisecondsPerDay = 24 * 60 * 60_000;
/** An organization is visited again after this time. */
const visitMilliseconds = 60 * 60_000;
/** After this time without a part, another process takes over. */
const leaseMilliseconds = 60_000;

const organizationsAtOnce = 500;

/** How many calls, files, bodies and events were removed, or would be. */
export type Removed = Record<Kind['name'], number>;

export function nothingRemoved(): Removed {
  return { runs: 0, contacts: 0, artifacts: 0, event_bodies: 0, events: 0 };
}

/** Another process has taken the visit over, or the settings were changed. */
class VisitLost extends Error {
  override readonly name = 'VisitLost';
}

/** The hold on an organization: a lease that every part extends. */
class Hold {
  constructor(
    private readonly services: Needs,
    readonly organizationId: number,
    private dueAt: string,
  ) {}

  /** Runs `body` as a write, if the hold still stands. @throws VisitLost */
  async write<Result>(body: (session: WriteSession) => Promise<Result>): Promise<Result> {
    return this.until(leaseMilliseconds, body);
  }

  /** Ends the visit: the next one comes in an hour. @throws VisitLost */
  async release(body: (session: WriteSession) => Promise<void>): Promise<void> {
    await this.until(visitMilliseconds, body);
  }

  private async until<Result>(
    milliseconds: number,
    body: (session: WriteSession) => Promise<Result>,
  ): Promise<Result> {
    const { storage, clock } = this.services;
    const { organizationId, dueAt: seen } = this;
    const dueAt = new Date(clock.steady().getTime() + milliseconds).toISOString();
    const result = await storage.write(async (session) => {
      if ((await holdQuery.changes(session, { organizationId, seen, dueAt })) === 0) throw new VisitLost();
      return body(session);
    });
    this.dueAt = dueAt;
    return result;
  }
}

/**
 * Visits an organization that is due, unless another process does. One entry of its audit trail says how much was removed.
 * @param actor who removes it; a command prunes.
 * @param pause is awaited between two parts, so that calls are not held up; false: stop here.
 * @returns null if another process visits it, or the settings were changed during the visit.
 */
export async function visit(
  services: Needs,
  row: RetentionRow,
  actor: Actor,
  pause: () => Promise<boolean>,
): Promise<Removed | null> {
  const hold = new Hold(services, row.organization_id, row.due_at);
  const settings = parseSettings(row.settings);
  const removed = nothingRemoved();
  let artifactsUpTo = row.artifacts_up_to;
  try {
    for (const kind of kinds) {
      const before = oldest(services, kind, settings);
      if (before === null) continue;
      const isByRun = kind.name === 'artifacts';
      let after: Place | null = isByRun ? { time: artifactsUpTo ?? '', id: 0 } : beginning;
      let blockedAt: string | null = null;
      while (after !== null) {
        if (!(await pause())) {
          await services.storage.write((session) => recordRemoved(services, session, actor, removed));
          return removed;
        }
        const place: Place = after;
        const part = await hold.write(async (session) => {
          const found = await kind.find(services, session, {
            organizationId: hold.organizationId,
            after: place,
            before,
          });
          if (found.count > 0) await found.remove(session);
          return found;
        });
        removed[kind.name] += part.count;
        if (part.isBlocked) blockedAt ??= place.time;
        after = part.next;
      }
      if (isByRun) artifactsUpTo = blockedAt ?? before;
    }
    await hold.release(async (session) => {
      await recordRemoved(services, session, actor, removed);
      if (artifactsUpTo === row.artifacts_up_to || artifactsUpTo === null) return;
      await noteArtifactsQuery.changes(session, {
        organizationId: hold.organizationId,
        upTo: artifactsUpTo,
      });
    });
    return removed;
  } catch (error) {
    if (!(error instanceof VisitLost)) throw error;
    await services.storage.write((session) => recordRemoved(services, session, actor, removed));
    return null;
  }
}

async function recordRemoved(
  services: Needs,
  session: WriteSession,
  actor: Actor,
  removed: Removed,
): Promise<void> {
  const counts = Object.entries(removed).filter(([, count]) => count > 0);
  if (counts.length === 0) return;
  await recordAudit(services, session, actor, {
    action: actor.command === undefined ? 'retention.applied' : 'runs.pruned',
    changed: counts.map(([name, count]) => `${name}: ${String(count)}`),
  });
}

/** Every organization, whether it is due or not. */
export async function listVisits({ storage }: Pick<Services, 'storage'>): Promise<RetentionRow[]> {
  const rows: RetentionRow[] = [];
  for (let after = 0; ;) {
    const ids = await listOrganizationIds(storage.read, after, organizationsAtOnce);
    const last = ids.at(-1);
    if (last === undefined) return rows;
    for (const organizationId of ids) {
      const unvisited = {
        organization_id: organizationId,
        settings: null,
        due_at: '',
        artifacts_up_to: null,
      };
      rows.push((await ofOrganizationQuery.first(storage.read, { organizationId })) ?? unvisited);
    }
    after = last;
  }
}

/** Counts what a visit would remove now. */
export async function countRemovable(services: Needs, row: RetentionRow): Promise<Removed> {
  const settings = parseSettings(row.settings);
  const removed = nothingRemoved();
  for (const kind of kinds) {
    const before = oldest(services, kind, settings);
    for (let after: Place | null = before === null ? null : beginning; after !== null && before !== null;) {
      const scope = { organizationId: row.organization_id, after, before };
      const part = await kind.find(services, services.storage.read, scope);
      removed[kind.name] += part.count;
      after = part.next;
    }
  }
  return removed;
}

/** What is older is removed; null: nothing is. */
function oldest({ clock }: Needs, kind: Kind, settings: RetentionSettings): string | null {
  const days = kind.days(settings);
  return days === null ? null : new Date(clock.now().getTime() - days * millisecondsPerDay).toISOString();
}
