/** The queries of leases. */
import { query, type ParameterMaker } from '../storage/query';

export const takeQuery = query(
  (
    db,
    param: ParameterMaker<{ name: string; owner: string; now: string; expiresAt: string; note: string }>,
  ) =>
    db
      .insertInto('leases')
      .values({
        name: param('name'),
        owner: param('owner'),
        expires_at: param('expiresAt'),
        note: param('note'),
      })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet((row) => ({
            owner: row.ref('excluded.owner'),
            expires_at: row.ref('excluded.expires_at'),
            note: row.ref('excluded.note'),
          }))
          .where((eb) =>
            eb.or([eb('leases.owner', '=', param('owner')), eb('leases.expires_at', '<=', param('now'))]),
          ),
      ),
);

export const releaseQuery = query((db, param: ParameterMaker<{ name: string; owner: string }>) =>
  db.deleteFrom('leases').where('name', '=', param('name')).where('owner', '=', param('owner')),
);

export const validQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db.selectFrom('leases').select(['name', 'owner', 'note']).where('expires_at', '>', param('now')),
);
