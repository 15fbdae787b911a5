/** Whether the carrier accounts of all organizations can place calls, for the operator. It changes nothing. */
import { findProvider } from '../carriers/registry';
import { describeError } from '../describe-error';
import { createTurns } from '../turns';
import { listActive } from './accounts/store';
import { callerIdsOf } from './caller-ids';
import { openAccount } from './open-account';
import { outboundBlockedReason } from './readiness';
import { listOrganizationNumbers } from './store';
import type { CarrierServices } from './tools';

type Needs = Omit<CarrierServices, 'callReports'>;
type Row = Awaited<ReturnType<typeof listActive>>[number];

/** So that many accounts do not take long, and no carrier is flooded. */
const atOnce = 8;

/** @returns for each active account which one it is, and why it cannot place calls; null where it can. */
export async function checkAccounts(services: Needs): Promise<{ about: string; fault: string | null }[]> {
  const rows = await listActive(services.storage.read);
  const turns = createTurns({ atOnce });
  return Promise.all(
    rows.map(async (row) => ({
      about: `carrier account ${String(row.id)} (${row.provider}) of organization ${String(row.organization_id)}`,
      fault: await turns.run(() => findFault(services, row)),
    })),
  );
}

async function findFault(services: Needs, row: Row): Promise<string | null> {
  try {
    const provider = findProvider(row.provider);
    const numbers = await listOrganizationNumbers(services.storage.read, row.organization_id);
    const blocked = outboundBlockedReason(row.provider, provider, callerIdsOf(row, numbers).length, {
      publicBaseUrl: services.config.publicBaseUrl,
      // Known to the process that holds the connection alone.
      connectionFault: null,
    });
    if (blocked !== null) return blocked;
    const account = openAccount(services, row);
    if (typeof account === 'string')
      return 'Its settings do not fit this version of the server. Save them again.';
    const localFault = (await account.provider.findLocalFault?.(account.tools)) ?? null;
    if (localFault !== null) return localFault;
    const verdict = await account.provider.verify?.(account.configuration, account.tools);
    return verdict === undefined || verdict.ok === true ? null : verdict.detail;
  } catch (error) {
    // An error of the server's own has a text for people; any other one is described.
    return error instanceof Error ? error.message : JSON.stringify(describeError(error));
  }
}
