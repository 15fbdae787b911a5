/** The stored settings of a telephony configuration, opened. */
import type { JsonObject } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { ConfigurationRow } from './store';

/**
 * The provider's own settings, without `provider`.
 * @throws Problem unavailable when they were saved under another `SECRETS_KEY`.
 */
export function readCredentials(services: Pick<Services, 'secrets'>, row: Sealed): JsonObject {
  return JSON.parse(unseal(services, row)) as JsonObject;
}

function unseal(services: Pick<Services, 'secrets'>, row: Sealed): string {
  try {
    return services.secrets.decrypt(row.credentials);
  } catch (cause) {
    throw new Problem(
      'unavailable',
      `The stored credentials of '${row.name}' cannot be read. Start the server with the SECRETS_KEY they were saved under, or delete this telephony configuration and create it again.`,
      {
        code: 'credentials_unreadable',
        internal: `SECRETS_KEY does not open telephony configuration ${String(row.id)}`,
        cause,
      },
    );
  }
}

type Sealed = Pick<ConfigurationRow, 'id' | 'name' | 'credentials'>;
