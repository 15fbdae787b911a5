/** Asks a carrier whether it accepts the settings of an account, and keeps its answer. */
import type { AccountVerification } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import { requireConfiguration } from './configurations';
import { openAccount } from './open-account';
import { noteVerification } from './store';
import type { CarrierServices } from './tools';

/**
 * @throws Problem not_found; not_implemented when the carrier has nothing to ask; bad_request when the stored settings
 * do not fit this version of the server; unavailable when they cannot be read.
 */
export async function verifyAccount(
  services: CarrierServices,
  organizationId: number,
  id: number,
): Promise<AccountVerification> {
  const row = await requireConfiguration(services.storage.read, organizationId, id);
  const account = openAccount(services, row);
  if (account === 'unfit_settings') {
    throw new Problem(
      'bad_request',
      `The settings of '${row.name}' do not fit this version of the server. Save them again.`,
    );
  }
  if (account === 'no_provider' || account.provider.verify === undefined) {
    throw new Problem(
      'not_implemented',
      `The settings of '${row.name}' cannot be verified: there is nothing to ask its carrier.`,
    );
  }
  const verdict = await account.provider.verify(account.configuration, account.tools);
  const verification = { verified_at: services.clock.now().toISOString(), ...verdict };
  await services.storage.write((session) =>
    noteVerification(session, {
      id,
      credentials: row.credentials,
      verification: JSON.stringify(verification),
    }),
  );
  return verification;
}
