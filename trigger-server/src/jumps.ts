/** Stores jumps of the wall clock (see `Clock.steady`), and corrects the times that depend on it. */
import { readFileSync } from 'node:fs';
import { makeRecordingsDueNow } from './artifacts/awaited';
import { machineTimeSources, smallestJump } from './clock';
import { retryLater } from './retry-later';
import { makeWaitingDueNow } from './runs/queued/queued-runs';
import type { Services } from './services';
import { query, type ParameterMaker } from './storage/query';
import type { Session } from './storage/port';
import { makeAllEventsDueNow } from './events/outbox';

type Needs = Pick<Services, 'storage' | 'clock' | 'log'>;

const readQuery = query((db) => db.selectFrom('clock').selectAll());

/** The sum of all jumps that were stored, in milliseconds. */
export async function readJumpSum(session: Session): Promise<number> {
  return (await readQuery.first(session, {}))?.jumped_milliseconds ?? 0;
}

/** The clocks of a machine at one moment, in milliseconds. */
export interface Reading {
  wall: number;
  monotonic: number;
  /** The boot that the monotonic clock counts from; null where the system has no boot id. */
  boot: string | null;
}

export function readClocks({ wall, monotonic } = machineTimeSources): Reading {
  return { wall: wall(), monotonic: monotonic(), boot };
}

const boot = bootOf();

/** Linux has a random id for each boot. */
function bootOf(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * The jumps of the wall clock until now, in milliseconds. The monotonic clock reveals a jump while no server ran,
 * unless the machine was rebooted: then it cannot be distinguished from elapsed time.
 * @returns `sum`: of all jumps; `meanwhile`: of those since a server last stored the sum.
 */
export async function readJumped(
  session: Session,
  here: Reading,
): Promise<{ sum: number; meanwhile: number }> {
  const mark = await readQuery.first(session, {});
  if (mark === undefined) return { sum: 0, meanwhile: 0 };
  const isSameBoot = mark.boot !== null && mark.boot === here.boot;
  const passed = here.monotonic - mark.monotonic_milliseconds;
  const jump = isSameBoot ? here.wall - mark.wall_milliseconds - passed : 0;
  const meanwhile = Math.abs(jump) < smallestJump ? 0 : jump;
  return { sum: mark.jumped_milliseconds + meanwhile, meanwhile };
}

const saveQuery = query(
  (db, param: ParameterMaker<{ sum: number; wall: number; monotonic: number; boot: string | null }>) =>
    db
      .insertInto('clock')
      .values({
        id: 1,
        jumped_milliseconds: param('sum'),
        wall_milliseconds: param('wall'),
        monotonic_milliseconds: param('monotonic'),
        boot: param('boot'),
      })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          jumped_milliseconds: row.ref('excluded.jumped_milliseconds'),
          wall_milliseconds: row.ref('excluded.wall_milliseconds'),
          monotonic_milliseconds: row.ref('excluded.monotonic_milliseconds'),
          boot: row.ref('excluded.boot'),
        })),
      ),
);

/** Stores the current sum of all jumps, for the next start of a server. */
export async function saveJumped(session: Session, sum: number, here: Reading): Promise<void> {
  const { wall, monotonic, boot: start } = here;
  await saveQuery.changes(session, { sum, wall, monotonic, boot: start });
}

/**
 * Stores the sum when a server starts; deadlines and ages are computed with it.
 * @param jumped the result of {@link readJumped}.
 */
export async function storeJumpsAtStart(
  services: Needs,
  { sum, meanwhile }: { sum: number; meanwhile: number },
): Promise<void> {
  if (meanwhile !== 0) warnOfJump(services, meanwhile);
  await storeJump(services, meanwhile, sum);
}

/**
 * Stores the new sum after a jump.
 * @param jump in milliseconds; negative when the clock was set back. @param sum of all jumps, including this one.
 */
export function noteJump(services: Needs, jump: number, sum: number): void {
  warnOfJump(services, jump);
  const stuck = 'a jump of the clock could not be noted; it is tried again';
  retryLater(services, stuck, () => storeJump(services, jump, sum), 0);
}

function warnOfJump({ log }: Pick<Services, 'log'>, jump: number): void {
  log.warn(
    { jumpSeconds: Math.round(jump / 1000) },
    'the clock of this machine has jumped: deadlines are kept by the time that has really passed',
  );
}

/** After the clock was set back, work scheduled by the wall clock would be late, so it becomes due now. */
function storeJump(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  jump: number,
  sum: number,
): Promise<void> {
  return storage.write(async (session) => {
    await saveJumped(session, sum, readClocks());
    if (jump >= 0) return;
    const now = clock.now().toISOString();
    await makeAllEventsDueNow(session, now);
    await makeRecordingsDueNow(session, now);
    await makeWaitingDueNow(session, now);
  });
}
