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

type Needs = Omit<CarrierServices, 'callReports' | 'hasModel'>;
type Row = Awaited<ReturnType<typeof listActive>>[number];

/** So that many accounts do not take long, and no carrier is flooded. */
const atOnce = 8;

/** What is known of an account: why it cannot place calls, or why its carrier could not be asked; neither where it can. */
interface AccountCheck {
  about: string;
  fault: string | null;
  unchecked: string | null;
}

export async function checkAccounts(services: Needs): Promise<AccountCheck[]> {
  const rows = await listActive(services.storage.read);
  const turns = createTurns({ atOnce });
  return Promise.all(
    rows.map(async (row) => ({
      about: `carrier account ${String(row.id)} (${row.provider}) of organization ${String(row.organization_id)}`,
      ...(await turns.run(() => check(services, row))),
    })),
  );
}

const wrong = (fault: string) => ({ fault, unchecked: null });

async function check(services: Needs, row: Row): Promise<Omit<AccountCheck, 'about'>> {
  try {
    const provider = findProvider(row.provider);
    const numbers = await listOrganizationNumbers(services.storage.read, row.organization_id);
    const blocked = outboundBlockedReason(row.provider, provider, callerIdsOf(row, numbers).length, {
      publicBaseUrl: services.config.publicBaseUrl,
      // Known to the process that holds the connection alone.
      connectionFault: null,
    });
    if (blocked !== null) return wrong(blocked);
    const account = openAccount(services, row);
    if (typeof account === 'string')
      return wrong('Its settings do not fit this version of the server. Save them again.');
    const localFault = (await account.provider.findLocalFault?.(account.tools)) ?? null;
    if (localFault !== null) return wrong(localFault);
    const verdict = await account.provider.verify?.(account.configuration, account.tools);
    if (verdict?.ok === false) return wrong(verdict.detail);
    return { fault: null, unchecked: verdict?.ok === null ? verdict.detail : null };
  } catch (error) {
    // An error of the server's own has a text for people; any other one is described.
    return wrong(error instanceof Error ? error.message : JSON.stringify(describeError(error)));
  }
}
