/** Decrypts the stored settings of a telephony configuration. */
import type { JsonObject } from '@dograh-trigger/shared';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { ConfigurationRow } from './store';

/**
 * The provider's settings, without the key `provider`.
 * @throws Problem unavailable when they were saved with another `SECRETS_KEY`.
 */
export function readCredentials(services: Pick<Services, 'secrets'>, row: Sealed): JsonObject {
  return JSON.parse(unseal(services, row)) as JsonObject;
}

/** Why the stored settings cannot be read, in words; null when they can. */
export function unreadableReason(services: Pick<Services, 'secrets'>, row: Sealed): string | null {
  try {
    unseal(services, row);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
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
