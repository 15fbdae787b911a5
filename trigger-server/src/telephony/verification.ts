/** The route that asks a carrier whether it accepts the settings of an account. */
import type { AccountVerification } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import { askCarrier } from './accounts/ask-carrier';
import { requireConfiguration } from './configurations';
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
  const answer = await askCarrier(services, row);
  if (answer === 'unfit_settings') {
    throw new Problem(
      'bad_request',
      `The settings of '${row.name}' do not fit this version of the server. Save them again.`,
    );
  }
  if (answer === 'no_provider' || answer === 'nothing_to_ask') {
    throw new Problem(
      'not_implemented',
      `The settings of '${row.name}' cannot be verified: there is nothing to ask its carrier.`,
    );
  }
  return answer;
}
