import { zapierTransport } from '../../zapier-app/src/transport';
import { transportContract } from '../contracts/transport';
import { appTester } from '../support/zapier';

transportContract('Zapier', (apiKey) => (request) => {
  const authData = { base_url: new URL(request.url).origin, api_key: apiKey };
  return appTester((z) => zapierTransport(z)(request), { authData });
});
