/** What a jump of the wall clock means for what is stored (see `Clock.steady`). */
import { bringRecordingsForward } from './artifacts/store';
import { retryLater } from './retry-later';
import type { Services } from './services';
import { query, type ParameterMaker } from './storage/query';
import type { Session } from './storage/storage';
import { bringAllForward } from './webhooks/due-store';

const readQuery = query((db) => db.selectFrom('clock').select('jumped_milliseconds'));

/** The sum of all jumps that servers of this database have seen, in milliseconds. */
export async function readJumped(session: Session): Promise<number> {
  return (await readQuery.first(session, {}))?.jumped_milliseconds ?? 0;
}

const saveQuery = query((db, param: ParameterMaker<{ sum: number }>) =>
  db
    .insertInto('clock')
    .values({ id: 1, jumped_milliseconds: param('sum') })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ jumped_milliseconds: (row) => row.ref('excluded.jumped_milliseconds') }),
    ),
);

/**
 * Keeps the new sum, which deadlines and ages are reckoned with. What is to be done at a time of the wall clock would
 * wait as long as a clock was set back: that is done now.
 * @param jump in milliseconds; negative: set back. @param sum with this jump.
 */
export function noteJump(services: Services, jump: number, sum: number): void {
  services.log.warn(
    { jumpSeconds: Math.round(jump / 1000) },
    'the clock of this machine has jumped: deadlines are kept by the time that has really passed',
  );
  retryLater(
    services,
    'a jump of the clock could not be noted; it is tried again',
    () =>
      services.storage.write(async (session) => {
        await saveQuery.changes(session, { sum });
        if (jump > 0) return;
        const now = services.clock.now().toISOString();
        await bringAllForward(session, now);
        await bringRecordingsForward(session, now);
      }),
    0,
  );
}
