/** Compares the counters of open runs with the runs. */
import { textChatMode } from '@dograh-trigger/shared';
import { query } from '../../storage/query';
import type { Session } from '../../storage/port';

/** Counts in one statement with reading the counters, because both change while runs begin and end. */
const miscountsQuery = query((db) =>
  db
    .selectFrom((eb) =>
      eb
        .selectFrom('organizations')
        .select((organization) => [
          'organizations.id as organizationId',
          'organizations.open_run_count as counter',
          organization
            .selectFrom('runs')
            .select((run) => run.fn.countAll<number>().as('count'))
            .whereRef('runs.organization_id', '=', 'organizations.id')
            .where('runs.completed_at', 'is', null)
            .where('runs.due_at', 'is', null)
            .where('runs.mode', '<>', textChatMode)
            .as('open'),
        ])
        .as('counted'),
    )
    .select(['organizationId', 'counter', 'open'])
    .whereRef('open', '<>', 'counter'),
);

/** `counter`: what it says. `open`: how many runs have not ended. */
export interface Miscount {
  organizationId: number;
  counter: number;
  open: number;
}

/** The organizations whose number of open runs is wrong. */
export async function listMiscounts(session: Session): Promise<Miscount[]> {
  return (await miscountsQuery.all(session, {})).map((row) => ({ ...row, open: row.open ?? 0 }));
}
