/** What the form of a credential sends. */
import { webhookCredentialTypes } from '@dograh-trigger/shared';
import {
  credentialData,
  credentialTypes,
} from '../../trigger-server/console/src/screens/events/credential-kinds';

test('every kind of the API can be chosen', () => {
  expect([...credentialTypes].sort()).toEqual([...webhookCredentialTypes].sort());
});

test('an untouched form sends nothing, so that the saved secret stays', () => {
  expect(credentialData('basic_auth', {})).toBeNull();
  expect(credentialData('basic_auth', { username: '', password: '' })).toBeNull();
});

test('only the parts of the chosen kind are sent', () => {
  const typed = { token: 'from before', header_name: 'X-Key', api_key: 'secret' };
  expect(credentialData('api_key', typed)).toEqual({ header_name: 'X-Key', api_key: 'secret' });
});
