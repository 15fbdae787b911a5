/**
 * Records runs before they are dialled: all that arrive close together, in one write. A slot is a run that is not queued and
 * has not ended; counting the slots and taking some is one step under the lock of the organization, so that the limit holds.
 */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import { findCallLimits } from '../../accounts/organizations';
import { insertCallbackUrl } from '../../events/subscriptions/callback-url';
import { Problem } from '../../problem';
import { openRuns, type NewRun } from '../../runs/open-run';
import { markCampaignRun } from '../../runs/of-campaign/campaign-runs';
import { hasDue, labelRun, planRun, queueRun, type Wait } from '../../runs/queued/queued-runs';
import type { Settled, WriteSession } from '../../storage/port';
import { laneOfCampaign } from '../campaign-limits/rooms';
import { claimIdempotencyKeys, findKnownKeys, keyName, KeyTakenError, type KeyClaim } from '../idempotency';
import type { Destination } from '../policy/destination';
import { DailyCalls, type KeyCall } from '../policy/daily-calls';
import { assertNumberAllowed, dailyLimitRefusal, parsePolicy } from '../policy/destination-policy';
import { findDoNotCall } from '../policy/do-not-call/blocked';
import { countNumberCall, numberPause } from '../policy/number-limit/number-limit';
import { openingFor, waitForOpening } from '../policy/opening';
import { AccountTurns } from '../waiting/account-turns';
import { laneOf } from '../waiting/lanes';
import { insertPlan, type CallPlan } from '../waiting/plan';
import type { Labels } from '../waiting/schedule';

/** A run to record. */
export interface Placement {
  run: NewRun;
  destination: Destination;
  now: Date;
  /** `now` by the steady clock. */
  steadyNow: Date;
  /** The pace of its account: see `OutboundRoute`. */
  callsPerSecond: number | null;
  /** Null for a call that is dialled at once, if it gets a slot. */
  wait: Wait | null;
  plan: CallPlan;
  /** How many calls of its organization may wait. */
  mostQueued: number;
  /** Whether an attempt that reaches nobody may be followed by another one. */
  isPlacedAgain: boolean;
  labels: Labels;
  /** Of the request; null: it has none. */
  key: KeyClaim | null;
  callbackUrl: string | null;
  /**
   * The contact of a campaign; null: the call is of none. Each contact gets a run, and the queue ends it where its number
   * may not be called. Such a call always waits.
   */
  contact: { campaignId: number; line: number } | null;
}

/** `Retry-After` when no slot is free: of ten one-minute calls, one ends every six seconds. */
const slotPauseSeconds = 5;

/** `Retry-After` when the queue is full. */
const fullQueuePauseSeconds = 60;

export interface RecordedRun {
  runId: number;
  /** Null: the caller of this must dial it. */
  wait: Wait | null;
}

/** What is left to give to the calls of an organization. */
interface Room {
  policy: DestinationPolicy;
  freeSlots: number;
  queuedRuns: number;
  hasDoNotCall: boolean;
  /** How many calls to a number this write has admitted, to be placed at once. */
  admitted: Map<string, number>;
}

/** For `Storage.writeTogether`. @returns each run; or why there is none: Problem, KeyTakenError. */
export async function recordRuns(
  session: WriteSession,
  placements: readonly Placement[],
): Promise<Settled<RecordedRun>[]> {
  const organizationIds = [...new Set(placements.map(({ run }) => run.organization_id))];
  await Promise.all(organizationIds.map((id) => session.lock('organization', id)));
  const [rooms, keys] = await Promise.all([
    findRooms(session, organizationIds),
    findKnownKeys(session, keysOf(placements)),
  ]);
  const blocked = await findBlocked(session, placements, rooms);
  const admitted: { placement: Placement; wait: Wait | null }[] = [];
  const refusals = new Map<Placement, Error>();
  const turns = new AccountTurns(session);
  const days = new DailyCalls(session);
  await days.read(placements.map((placement) => keyCallOf(placement, roomOf(rooms, placement))));
  for (const placement of placements) {
    const admission = await admit(session, placement, rooms, { takenKeys: keys.taken, blocked, turns, days });
    if (admission instanceof Error) refusals.set(placement, admission);
    else admitted.push({ placement, ...admission });
  }
  await days.write();
  const ids = await openRuns(
    session,
    admitted.map(({ placement: { run, contact }, wait }) => ({
      run,
      place: wait === null ? 'slot' : contact === null ? 'queue' : 'campaign',
    })),
  );
  const recorded = new Map(
    admitted.map(({ placement, wait }, index) => [placement, { runId: ids[index] ?? 0, wait }]),
  );
  await Promise.all(
    Array.from(recorded, async ([placement, { runId, wait }]) => {
      const { callbackUrl, labels, plan, isPlacedAgain } = placement;
      if (callbackUrl !== null) await insertCallbackUrl(session, runId, callbackUrl);
      if (labels.reference !== null || labels.metadata !== null) {
        await labelRun(session, runId, {
          reference: labels.reference,
          metadata: labels.metadata === null ? null : JSON.stringify(labels.metadata),
        });
      }
      if (wait === null) {
        const { policy } = roomOf(rooms, placement);
        await countNumberCall(session, policy, numberCallOf(placement), runId);
      }
      if (wait === null && !isPlacedAgain) return;
      const { contact } = placement;
      if (contact !== null) await markCampaignRun(session, runId, contact);
      const lane = contact === null ? laneOfRun(placement.run) : laneOfCampaign(contact.campaignId);
      const place = { lane, expiresAt: plan.schedule.notAfter };
      await (wait === null ? planRun(session, runId, place) : queueRun(session, runId, wait, place));
      await insertPlan(session, runId, plan);
    }),
  );
  await claimIdempotencyKeys(
    session,
    Array.from(recorded, ([{ key }, { runId }]) => (key === null ? [] : [{ ...key, runId }])).flat(),
    keys.expired,
  );
  return placements.map((placement) => {
    const result = recorded.get(placement);
    return result === undefined ? { ok: false, error: refusals.get(placement) } : { ok: true, result };
  });
}

function laneOfRun({ organization_id: organizationId, api_key_id: keyId }: NewRun): string {
  return laneOf(organizationId, keyId);
}

async function findRooms(
  session: WriteSession,
  organizationIds: readonly number[],
): Promise<Map<number, Room>> {
  const limits = await Promise.all(organizationIds.map((id) => findCallLimits(session, id)));
  return new Map(
    limits.map(({ slots, openRuns: taken, queuedRuns, policy, hasDoNotCall }, index) => [
      organizationIds[index] ?? 0,
      {
        policy: parsePolicy(policy),
        freeSlots: slots - taken,
        queuedRuns,
        hasDoNotCall: hasDoNotCall === 1,
        admitted: new Map<string, number>(),
      },
    ]),
  );
}

/** The calls to numbers on a do-not-call list, with their refusals. An organization without a list costs no query. */
async function findBlocked(
  session: WriteSession,
  placements: readonly Placement[],
  rooms: ReadonlyMap<number, Room>,
): Promise<Map<Placement, Problem>> {
  const asked = placements.filter(
    ({ run, contact }) => contact === null && rooms.get(run.organization_id)?.hasDoNotCall === true,
  );
  const refusals = await findDoNotCall(
    session,
    asked.map(({ run, destination, now, wait }) => ({
      organizationId: run.organization_id,
      number: destination.e164,
      at: wait?.dueAt ?? now,
    })),
  );
  return new Map(
    asked.flatMap((placement, index) => {
      const refusal = refusals[index] ?? null;
      return refusal === null ? [] : [[placement, refusal] as const];
    }),
  );
}

function keysOf(placements: readonly Placement[]): KeyClaim[] {
  return placements.flatMap(({ key }) => key ?? []);
}

function roomOf(rooms: ReadonlyMap<number, Room>, { run }: Placement): Room {
  const room = rooms.get(run.organization_id);
  if (room === undefined)
    throw new Error(`The limits of organization ${String(run.organization_id)} were not read`);
  return room;
}

function keyCallOf({ run, now }: Placement, { policy }: Room): KeyCall {
  return { policy, apiKeyId: run.api_key_id, now };
}

/** @throws Problem busy at the daily limit of the key. */
function countDay(days: DailyCalls, call: KeyCall): void {
  if (!days.mayCall(call)) throw dailyLimitRefusal(call.policy.daily_calls_per_key, call.now);
  days.count(call);
}

/** Takes a place in the queue. A campaign limits by itself how many of its calls wait. @throws Problem busy. */
function takePlace(room: Room, { contact, mostQueued }: Placement): void {
  if (contact !== null) return;
  if (room.queuedRuns >= mostQueued) {
    throw new Problem(
      'busy',
      `The queue of your organization is full: ${String(mostQueued)} calls wait in it. This call was not accepted. Send it again later, cancel calls that wait, or ask the operator to raise MAX_QUEUED_CALLS.`,
      { code: 'queue_full', retryAfterSeconds: fullQueuePauseSeconds },
    );
  }
  room.queuedRuns += 1;
}

/** Takes the key, and a slot unless the call waits. @returns why the call is not recorded; or until when it waits. */
async function admit(
  session: WriteSession,
  placement: Placement,
  rooms: ReadonlyMap<number, Room>,
  {
    takenKeys,
    blocked,
    turns,
    days,
  }: {
    takenKeys: Set<string>;
    blocked: ReadonlyMap<Placement, Problem>;
    turns: AccountTurns;
    days: DailyCalls;
  },
): Promise<Error | { wait: Wait | null }> {
  const { destination, key } = placement;
  const room = roomOf(rooms, placement);
  // First of all: a repeat must not be refused for want of a slot.
  if (key !== null && takenKeys.has(keyName(key))) return new KeyTakenError('The idempotency key is taken');
  const onTheList = blocked.get(placement);
  if (onTheList !== undefined) return onTheList;
  let { wait } = placement;
  try {
    if (placement.contact === null) assertNumberAllowed(room.policy, destination);
    if (wait === null) wait = await waitToOpen(session, placement, room);
    if (wait === null) wait = await waitForTurn(session, placement, room, turns);
    // Counted last, so that a refusal above never has to undo it. A call that waits counts on the day of its dial.
    if (wait === null) countDay(days, keyCallOf(placement, room));
    else takePlace(room, placement);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  if (wait === null) {
    room.freeSlots -= 1;
    room.admitted.set(destination.e164, (room.admitted.get(destination.e164) ?? 0) + 1);
  }
  if (key !== null) takenKeys.add(keyName(key));
  return { wait };
}

/**
 * By the calling hours and the limit of calls to one number. @returns null for a call that may be placed now.
 * @throws Problem unprocessable if it may not, and does not wait for that.
 */
async function waitToOpen(
  session: WriteSession,
  placement: Placement,
  { policy, admitted }: Room,
): Promise<Wait | null> {
  const { destination, now, plan } = placement;
  const pause = await numberPause(session, policy, numberCallOf(placement), admitted.get(destination.e164));
  const time = { at: now, timeZone: plan.schedule.timeZone };
  const opening = openingFor(policy, destination, time, pause);
  return opening.open ? null : waitForOpening(opening, plan.schedule, now);
}

function numberCallOf({ run, destination, steadyNow }: Placement) {
  return { organizationId: run.organization_id, number: destination.e164, at: steadyNow };
}

/**
 * @returns null if the call gets a slot. One that may wait does so also while calls of its lane are due before it, and for
 * the turn of its account.
 * @throws Problem busy.
 */
async function waitForTurn(
  session: WriteSession,
  { run, now, steadyNow, plan, callsPerSecond }: Placement,
  { freeSlots }: Room,
  turns: AccountTurns,
): Promise<Wait | null> {
  const mayWait = plan.schedule.whenBusy === 'wait';
  if (freeSlots <= 0 && !mayWait) {
    throw new Problem('busy', 'Concurrent call limit reached', {
      code: 'concurrency_limit',
      retryAfterSeconds: slotPauseSeconds,
    });
  }
  if (!mayWait) return null;
  if (freeSlots <= 0 || (await hasDue(session, laneOfRun(run), now.toISOString()))) {
    return { dueAt: now, waitingFor: 'slot' };
  }
  const { telephony_configuration_id: configurationId } = run;
  if ((await turns.of(configurationId, steadyNow)) !== null) return { dueAt: now, waitingFor: 'pace' };
  await turns.take({ configurationId, callsPerSecond }, steadyNow);
  return null;
}
