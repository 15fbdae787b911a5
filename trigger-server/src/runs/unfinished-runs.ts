/** Calls that have not ended. Each takes a slot of its organization. */
import type { CallAttempt } from '../carriers/port/call-name';
import { findProvider } from '../carriers/registry';
import type { Session, WriteSession } from '../storage/port';
import {
  abandonDialsQuery,
  callHolderQuery,
  dialOwnersQuery,
  followedQuery,
  identifyQuery,
  openCallQuery,
  openCallsQuery,
  sameNumberQuery,
  undialledQuery,
  unfinishedQuery,
  type UnfinishedRun,
} from './store';
import { callOfAttemptQuery } from './attempts/store';

export type { UnfinishedRun } from './store';

/** How many calls of this run's carrier account have not ended. */
export async function countOpenCalls(
  session: Session,
  run: Pick<UnfinishedRun, 'organization_id' | 'telephony_configuration_id'>,
): Promise<number> {
  const { organization_id: organizationId, telephony_configuration_id: configurationId } = run;
  return Number((await openCallsQuery.first(session, { organizationId, configurationId }))?.count ?? 0);
}

export function listUnfinishedRuns(session: Session): Promise<UnfinishedRun[]> {
  return unfinishedQuery.all(session, {});
}

/** A run whose call has an id at its carrier. */
export type PlacedRun = UnfinishedRun & { provider_call_id: string };

/** The open calls that other servers hold, of all organizations. */
export async function listFollowedRuns(session: Session): Promise<PlacedRun[]> {
  return (await followedQuery.all(session, {})).filter(isPlaced);
}

function isPlaced(run: UnfinishedRun): run is PlacedRun {
  return run.provider_call_id !== null;
}

/** The run whose call has this id at its carrier, unless it has ended. */
export function findOpenCall(
  session: Session,
  call: { configurationId: number; callId: string },
): Promise<UnfinishedRun | undefined> {
  return openCallQuery.first(session, call);
}

/** The processes (`processes.id`) that have a dial under way, or had one when they ended. */
export async function listDialOwners(session: Session): Promise<string[]> {
  return (await dialOwnersQuery.all(session, {})).flatMap(({ owner }) => owner ?? []);
}

/** The calls of a process that have no outcome of their dial, in the order of their runs. */
export async function listUndialled(session: Session, owner: string): Promise<CallAttempt[]> {
  return (await undialledQuery.all(session, { owner })).map(({ id, attempt }) => ({ runId: id, attempt }));
}

/**
 * Gives the dials that this process had under way an unknown outcome. They are never made again. The calls are due for
 * their follow-up at once; the key of an ended run replays the outcome.
 * @param at now, by the steady clock. @returns how many.
 */
export function abandonDials(session: Session, owner: string, at: string): Promise<number> {
  return abandonDialsQuery.changes(session, { owner, at });
}

/** The attempt that a run was at when it was read. */
export function attemptOf({ id, attempt }: Pick<UnfinishedRun, 'id' | 'attempt'>): CallAttempt {
  return { runId: id, attempt };
}

/** When the call was dialled, or a moment before, by the wall clock. */
export function dialTimeOf(run: Pick<UnfinishedRun, 'created_at' | 'dialled_at'>): string {
  return run.dialled_at ?? run.created_at;
}

/** Dials that were sent so close together can have become each other's call, in milliseconds. */
const rivalMilliseconds = 30_000;

/**
 * Gives a run one of these calls if there is no doubt: exactly one of them belongs to no other run, and no other dial to
 * the same number was sent at about the same time without a call of its own among them. A call of a followed carrier
 * was found by the mark of its dial, so it is no other run's.
 * @param candidates the carrier's ids. @returns the id that the run now has, or null.
 */
export async function claimCall(
  session: WriteSession,
  run: UnfinishedRun,
  candidates: readonly string[],
): Promise<string | null> {
  // Two runs to one number would otherwise both find the call free.
  await session.lock('organization', run.organization_id);
  const isMarked = findProvider(run.mode)?.follow !== undefined;
  const [callId, ...others] = isMarked ? candidates : await freeCalls(session, run, candidates);
  if (callId === undefined || others.length > 0) return null;
  await session.lock('run', run.id);
  const knownCallId = run.provider_call_id;
  return (await identifyQuery.changes(session, { id: run.id, attempt: run.attempt, callId, knownCallId })) > 0
    ? callId
    : null;
}

/** The calls that belong to no other run. @returns none if another dial may have one of them. */
async function freeCalls(
  session: WriteSession,
  run: UnfinishedRun,
  candidates: readonly string[],
): Promise<string[]> {
  const sentAt = Date.parse(dialTimeOf(run));
  const others = await sameNumberQuery.all(session, {
    id: run.id,
    organizationId: run.organization_id,
    mode: run.mode,
    calledNumber: run.called_number,
    since: new Date(sentAt - rivalMilliseconds).toISOString(),
    until: new Date(sentAt + rivalMilliseconds).toISOString(),
  });
  if (others.some(({ provider_call_id: id }) => id === null || !candidates.includes(id))) return [];
  const free: string[] = [];
  for (const callId of candidates) {
    if (!(await hasHolder(session, { mode: run.mode, callId }))) free.push(callId);
  }
  return free;
}

/** Whether a call is that of a run, or of a former attempt of one. */
async function hasHolder(session: Session, call: { mode: string; callId: string }): Promise<boolean> {
  const holder = await callHolderQuery.first(session, call);
  return holder !== undefined || (await callOfAttemptQuery.first(session, call)) !== undefined;
}
