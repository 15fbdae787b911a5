/** What a jump of the wall clock means for what is stored (see `Clock.steady`). */
import { readFileSync } from 'node:fs';
import { makeRecordingsDueNow } from './artifacts/awaited';
import { ofThisMachine, smallestJump } from './clock';
import { retryLater } from './retry-later';
import type { Services } from './services';
import { query, type ParameterMaker } from './storage/query';
import type { Session } from './storage/port';
import { bringAllForward } from './events/outbox';

type Needs = Pick<Services, 'storage' | 'clock' | 'log'>;

const readQuery = query((db) => db.selectFrom('clock').selectAll());

/** What the clocks of a machine show at one moment, in milliseconds. */
export interface Reading {
  wall: number;
  monotonic: number;
  /** Which start of the machine the monotonic clock counts from; null where the system does not tell. */
  boot: string | null;
}

export function readClocks({ wall, monotonic } = ofThisMachine): Reading {
  return { wall: wall(), monotonic: monotonic(), boot };
}

const boot = bootOf();

/** Linux names each start of a machine. */
function bootOf(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * The jumps of the wall clock until now, in milliseconds. One that came while no server ran is told by the monotonic
 * clock, as long as the machine was not started anew: then nothing tells it from time that has passed.
 * @returns `sum` of all of them, `meanwhile`: since a server last wrote them down.
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

/** Writes down the sum of all jumps as of now, for the next server of this database. */
export async function saveJumped(session: Session, sum: number, here: Reading): Promise<void> {
  const { wall, monotonic, boot: start } = here;
  await saveQuery.changes(session, { sum, wall, monotonic, boot: start });
}

/**
 * Keeps the sum that deadlines and ages are reckoned with when a server starts.
 * @param jumped as {@link readJumped} gives it.
 */
export async function keepJumped(
  services: Needs,
  { sum, meanwhile }: { sum: number; meanwhile: number },
): Promise<void> {
  if (meanwhile !== 0) tellOf(services, meanwhile);
  await keep(services, meanwhile, sum);
}

/**
 * Keeps the new sum when the clock has jumped.
 * @param jump in milliseconds; negative: set back. @param sum with this jump.
 */
export function noteJump(services: Needs, jump: number, sum: number): void {
  tellOf(services, jump);
  const stuck = 'a jump of the clock could not be noted; it is tried again';
  retryLater(services, stuck, () => keep(services, jump, sum), 0);
}

function tellOf({ log }: Pick<Services, 'log'>, jump: number): void {
  log.warn(
    { jumpSeconds: Math.round(jump / 1000) },
    'the clock of this machine has jumped: deadlines are kept by the time that has really passed',
  );
}

/** What is to be done at a time of the wall clock would wait as long as a clock was set back: that is done now. */
function keep(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  jump: number,
  sum: number,
): Promise<void> {
  return storage.write(async (session) => {
    await saveJumped(session, sum, readClocks());
    if (jump >= 0) return;
    const now = clock.now().toISOString();
    await bringAllForward(session, now);
    await makeRecordingsDueNow(session, now);
  });
}
