/** What retention removes, each in parts that are small enough to hold nobody up. */
import type { RetentionSettings } from '@dograh-trigger/shared';
import { deleteRecordings, removeArtifacts } from '../artifacts/removal/removal';
import { deleteRows, listAgedRows } from '../calls/campaigns/source/files';
import { deleteKeysOf, listRunsWithValidKey } from '../calls/idempotency';
import { forgetNumberCalls } from '../calls/policy/number-limit/number-limit';
import { forgetChats } from '../conversations/chat/chats';
import { forgetTalks } from '../conversations/talk/talks';
import {
  deleteDeliveries,
  deleteEventsOfRuns,
  listDeliveredBodies,
  listDeliveriesAfter,
  listRunsOwingEvents,
  removeBodies,
} from '../events/removal/removal';
import { deleteRuns, listAgedRuns, type AgedRun } from '../runs/removal/removal';
import type { Services } from '../services';
import { mostIds } from '../storage/id-list';
import type { Session, WriteSession } from '../storage/port';

type Needs = Pick<Services, 'clock'>;

/** Where a list goes on. */
export interface Place {
  time: string;
  id: number;
}

export const beginning: Place = { time: '', id: 0 };

/** A part of what is old enough. */
export interface Part {
  /** How many of them are removed. */
  count: number;
  /** @param session the one that found them. */
  remove(session: WriteSession): Promise<void>;
  /** Where the next part begins; null after the last one. */
  next: Place | null;
  /** Whether something in this part can be removed only later. */
  isBlocked: boolean;
}

export interface Kind {
  name: 'runs' | 'contacts' | 'artifacts' | 'event_bodies' | 'events';
  days: (settings: RetentionSettings) => number | null;
  /** The next part of what is older than `before`. */
  find(
    services: Needs,
    session: Session,
    scope: { organizationId: number; after: Place; before: string },
  ): Promise<Part>;
}

function nextOf(items: readonly Place[]): Place | null {
  return items.length < mostIds ? null : (items.at(-1) ?? null);
}

async function listRuns(session: Session, organizationId: number, after: Place, before: string) {
  const aged = await listAgedRuns(session, organizationId, {
    after: { createdAt: after.time, id: after.id },
    before,
    limit: mostIds,
  });
  return { aged, next: nextOf(aged.map(({ id, created_at: time }) => ({ id, time }))) };
}

/** A call under way, or one whose recording is awaited, is not touched, and one that waited is as old as its end. */
function isOver({ completed_at, artifacts_ready_at }: AgedRun, before: string): boolean {
  return completed_at !== null && completed_at < before && artifacts_ready_at !== null;
}

const runs: Kind = {
  name: 'runs',
  days: ({ runs_days: days }) => days,
  async find(services, session, { organizationId, after, before }) {
    const { aged, next } = await listRuns(session, organizationId, after, before);
    const ids = aged.map(({ id }) => id);
    const owing = await listRunsOwingEvents(session, ids);
    const repeatable = await listRunsWithValidKey(services, session, ids);
    const old = aged.filter((run) => isOver(run, before) && !owing.has(run.id) && !repeatable.has(run.id));
    return {
      count: old.length,
      remove: (write) => deleteWhole(services, write, organizationId, old),
      next,
      isBlocked: old.length < aged.length,
    };
  },
};

async function deleteWhole(
  services: Needs,
  session: WriteSession,
  organizationId: number,
  old: readonly AgedRun[],
): Promise<void> {
  const ids = old.map(({ id }) => id);
  for (const run of old) await deleteRecordings(services, session, run);
  await deleteEventsOfRuns(session, ids);
  await deleteKeysOf(session, ids);
  await forgetNumberCalls(session, ids);
  await forgetTalks(session, ids);
  await forgetChats(session, ids);
  await deleteRuns(session, organizationId, old);
}

/** Rows of the files of campaigns. A place is a file and, as a text, a line of it. */
const contacts: Kind = {
  name: 'contacts',
  days: ({ runs_days: days }) => days,
  async find(_services, session, { organizationId, after, before }) {
    const rows = await listAgedRows(session, organizationId, {
      after: { fileId: after.id, line: Number(after.time) },
      before,
      limit: mostIds,
    });
    return {
      count: rows.length,
      remove: (write) => deleteRows(write, rows),
      next: nextOf(rows.map(({ fileId, line }) => ({ id: fileId, time: String(line) }))),
      isBlocked: false,
    };
  },
};

const artifacts: Kind = {
  name: 'artifacts',
  days: ({ artifacts_days: days }) => days,
  async find(services, session, { organizationId, after, before }) {
    const { aged, next } = await listRuns(session, organizationId, after, before);
    const old = aged.filter(
      (run) => isOver(run, before) && (run.recording_key !== null || run.has_transcript === 1),
    );
    return {
      count: old.length,
      async remove() {
        for (const run of old) await removeArtifacts(services, session, run);
        const ids = old.map(({ id }) => id);
        await forgetTalks(session, ids);
        await forgetChats(session, ids);
      },
      next,
      isBlocked: !aged.every((run) => isOver(run, before)),
    };
  },
};

const eventBodies: Kind = {
  name: 'event_bodies',
  days: ({ event_bodies_days: days }) => days,
  async find(_services, session, { organizationId, after, before }) {
    const old = await listDeliveredBodies(session, organizationId, { after, before, limit: mostIds });
    const ids = old.map(({ id }) => id);
    return {
      count: old.length,
      remove: () => removeBodies(session, ids),
      next: nextOf(old),
      isBlocked: false,
    };
  },
};

const events: Kind = {
  name: 'events',
  days: ({ events_days: days }) => days,
  async find(_services, session, { organizationId, after, before }) {
    const listed = await listDeliveriesAfter(session, organizationId, { after: after.id, limit: mostIds });
    const aged = listed.filter(({ created_at: at }) => at < before);
    const ids = aged.filter(({ status }) => status !== 'pending').map(({ id }) => id);
    const last = aged.at(-1);
    // Ids ascend with the time, so nothing old comes after something new.
    const isLast = last === undefined || aged.length < mostIds;
    return {
      count: ids.length,
      remove: () => deleteDeliveries(session, ids),
      next: isLast ? null : { time: '', id: last.id },
      isBlocked: ids.length < aged.length,
    };
  },
};

/** Calls first: what belongs to them goes with them. */
export const kinds: readonly Kind[] = [runs, contacts, artifacts, events, eventBodies];
