/** The queries of the disposition codes of an organization. */
import type { Session } from '../storage/port';
import { query, type ParameterMaker } from '../storage/query';

const codesQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('disposition_codes')
    .select('code')
    .where('organization_id', '=', param('organizationId'))
    .orderBy('code'),
);

export async function listDispositionCodes(session: Session, organizationId: number): Promise<string[]> {
  return (await codesQuery.all(session, { organizationId })).map(({ code }) => code);
}

const rememberCodeQuery = query((db, param: ParameterMaker<{ runId: number; code: string }>) =>
  db
    .insertInto('disposition_codes')
    .columns(['organization_id', 'code'])
    .expression((eb) =>
      eb
        .selectFrom('runs')
        .select(['organization_id', param('code').as('code')])
        .where('id', '=', param('runId')),
    )
    .onConflict((conflict) => conflict.doNothing()),
);

/** Stores that a call of the run's organization has ended with this disposition. */
export function insertDispositionCode(session: Session, runId: number, code: string): Promise<number> {
  return rememberCodeQuery.changes(session, { runId, code });
}
