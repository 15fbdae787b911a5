/** The HTTP API suite against another server, real Dograh for one: `npm run test:dograh` with the variables below. */
import { httpApiContract } from '../../contracts/http-api';

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`Set ${name} (see tests/README.md)`);
  return value;
}

httpApiContract('a server of yours', () =>
  Promise.resolve({
    baseUrl: variable('DOGRAH_BASE_URL'),
    apiKey: variable('DOGRAH_API_KEY'),
    triggerUuid: variable('DOGRAH_TRIGGER_UUID'),
    agentUuid: variable('DOGRAH_AGENT_UUID'),
    phoneNumber: variable('DOGRAH_PHONE_NUMBER'),
  }),
);
