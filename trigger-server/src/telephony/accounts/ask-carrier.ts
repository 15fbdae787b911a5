/** Asks a carrier whether calls can be placed with the stored settings of an account, and keeps its answer. */
import type { AccountVerification } from '@dograh-trigger/shared';
import { openAccount, type Unopenable } from '../open-account';
import { noteVerification, type ConfigurationRow } from '../store';
import type { CarrierServices } from '../tools';

/** @returns why it cannot be asked. @throws Problem unavailable when the settings cannot be read. */
export async function askCarrier(
  services: CarrierServices,
  row: ConfigurationRow,
): Promise<AccountVerification | Unopenable | 'nothing_to_ask'> {
  const account = openAccount(services, row);
  if (typeof account === 'string') return account;
  if (account.provider.verify === undefined) return 'nothing_to_ask';
  const verdict = await account.provider.verify(account.configuration, account.tools);
  const verification = { verified_at: services.clock.now().toISOString(), ...verdict };
  await services.storage.write((session) =>
    noteVerification(session, {
      id: row.id,
      credentials: row.credentials,
      verification: JSON.stringify(verification),
    }),
  );
  return verification;
}
