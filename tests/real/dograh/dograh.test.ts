/**
 * The contracts of the HTTP API and of both packages, against another server such as real Dograh: `npm run
 * test:dograh` with the variables below. It places seven calls, which ring the number.
 */
import { httpApiContract } from '../../contracts/http-api';
import { packagesContract } from '../../contracts/packages';

/** The time for ringing, for Dograh's default maximum of a call (5 minutes), and for its end. */
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
