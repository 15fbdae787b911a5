/**
 * The HTTP API suite and that of the two packages, against another server, real Dograh for one: `npm run test:dograh`
 * with the variables below. It places seven calls, which ring the number.
 */
import { httpApiContract } from '../../contracts/http-api';
import { packagesContract } from '../../contracts/packages';

/** Ringing, and then as long as a call of Dograh lasts unless its agent says otherwise (5 minutes), and its end. */
const callSeconds = 600;

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`Set ${name} (see tests/README.md)`);
  return value;
}

function yours() {
  return Promise.resolve({
    baseUrl: variable('DOGRAH_BASE_URL'),
    apiKey: variable('DOGRAH_API_KEY'),
    triggerUuid: variable('DOGRAH_TRIGGER_UUID'),
    agentUuid: variable('DOGRAH_AGENT_UUID'),
    phoneNumber: variable('DOGRAH_PHONE_NUMBER'),
  });
}

packagesContract('a server of yours', yours, callSeconds);
httpApiContract('a server of yours', yours);
