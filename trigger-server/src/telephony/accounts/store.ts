/** The queries of telephony configurations of all organizations, for jobs of the server. */
import type { TelephonyProvider } from '../../carriers/port/provider';
import { findProvider, providerNames } from '../../carriers/registry';
import { query } from '../../storage/query';
import type { Session } from '../../storage/port';

const accountColumns = ['id', 'organization_id', 'name', 'provider', 'credentials'] as const;

const activeQuery = query((db) =>
  db
    .selectFrom('telephony_configurations')
    .select(accountColumns)
    .where('inactive_since', 'is', null)
    .orderBy('id'),
);

export function listActive(session: Session) {
  return activeQuery.all(session, {});
}

function providersThatConnect(): string[] {
  return providerNames.filter((name) => {
    const provider: TelephonyProvider | undefined = findProvider(name);
    return provider?.connect !== undefined;
  });
}

const connectableQuery = query((db) =>
  db
    .selectFrom('telephony_configurations')
    .select(accountColumns)
    .where('inactive_since', 'is', null)
    .where('provider', 'in', providersThatConnect())
    .orderBy('id'),
);

/** The active configurations whose provider keeps a connection. */
export function listConnectable(session: Session) {
  return connectableQuery.all(session, {});
}
