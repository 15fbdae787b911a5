/** The connection: the server and the API key. */
import { isTriggerError } from '@dograh-trigger/shared';
import type { Authentication, Bundle, ZObject } from 'zapier-platform-core';
import { createClient } from './platform/client';
import { textOf, withoutHistory } from './platform/errors';

/**
 * Checks that the address is a server of this API and that the key is valid, and returns the values of the label.
 * Every failure is an `Error`, because the other classes are meant for a running Zap.
 */
export async function testConnection(z: ZObject, bundle: Bundle) {
  try {
    const { userId, organizationId, email, host } = await createClient(z, bundle).whoAmI();
    return {
      user_id: userId,
      organization_id: organizationId,
      email,
      host,
      label: email === null ? host : `${email} on ${host}`,
    };
  } catch (error) {
    if (!isTriggerError(error)) throw error;
    const code = error.code === 'invalid_key' ? 'AuthenticationError' : error.code;
    throw withoutHistory(new z.errors.Error(textOf(error), code, error.status));
  }
}

export const authentication: Authentication = {
  type: 'custom',
  fields: [
    {
      key: 'base_url',
      label: 'Base URL',
      type: 'string',
      required: true,
      default: 'https://api.dograh.com',
      placeholder: 'https://dograh.example.com',
      isNoSecret: true,
      helpText:
        'The address of your server. Keep `https://api.dograh.com` for hosted Dograh. ' +
        'It must begin with `https://` and be reachable from the internet.',
    },
    {
      key: 'api_key',
      label: 'API Key',
      type: 'password',
      required: true,
      helpText:
        'An API key of your organization, which begins with `dgr_`. ' +
        '[How to create one](https://docs.dograh.com/configurations/api-keys).',
    },
  ],
  test: testConnection,
  connectionLabel: '{{bundle.inputData.label}}',
};
