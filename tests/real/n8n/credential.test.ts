/** The credential and the list searches in a real n8n, requested like the editor. */
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { losesCauses } from './version';
import { dograhNodeType } from './workflows';

let n8n: N8n;
let dograh: Dograh;

beforeAll(async () => {
  n8n = await startN8n();
  dograh = await startDograh();
}, 1_800_000);

afterAll(async () => {
  await dograh.stop();
  await n8n.stop();
});

/** Tests the credential, like the button "Save". */
async function testCredential(data: { baseUrl: string; apiKey: string }): Promise<unknown> {
  const { id, name } = await n8n.createCredential('dograhApi', data);
  return n8n.rest('POST', '/credentials/test', { credentials: { id, name, type: 'dograhApi', data } });
}

/** An n8n that drops the cause of an error has no status, so it shows its own message instead of the credential's. */
function failure(words: RegExp): unknown {
  return losesCauses ? expect.any(String) : expect.stringMatching(words);
}

test.each([
  ['that is right', 'OK', '', undefined, 'Connection successful!'],
  ['whose base URL ends in a slash', 'OK', '/', undefined, 'Connection successful!'],
  ['whose base URL ends in the API path', 'OK', '/api/v1/', undefined, 'Connection successful!'],
  ['with a wrong key', 'Error', '', 'dgr_wrong', failure(/^Dograh does not know this API key\./)],
  [
    'with a path that is not there',
    'Error',
    '/elsewhere',
    undefined,
    failure(/^There is no Dograh API at this Base URL\./),
  ],
])('the test of a credential %s shows %s', async (_, status, path, apiKey, message) => {
  const { baseUrl, apiKey: rightKey } = dograh.credential;
  expect(await testCredential({ baseUrl: baseUrl + path, apiKey: apiKey ?? rightKey })).toMatchObject({
    status,
    message,
  });
});

describe('a Base URL that redirects', () => {
  /** The target of the redirect: another host, which must not receive the key. */
  let other: LocalServer;
  let door: LocalServer;
  let status: number;

  beforeAll(async () => {
    other = await startLocalServer((_request, response) => {
      replyJson(response, 200, { id: 1 });
    });
    door = await startLocalServer(({ url }, response) => {
      response.writeHead(status, { location: other.url.replace('127.0.0.1', 'localhost') + url }).end();
    });
  });

  afterAll(() => Promise.all([other.close(), door.close()]));

  test.each([301, 302, 303, 307, 308])(
    'with %i is refused, and the key is not sent to the target',
    async (code) => {
      status = code;
      expect(await testCredential({ baseUrl: door.url, apiKey: 'dgr_secret' })).toMatchObject({
        status: 'Error',
        message: failure(/^This Base URL redirects\. Enter the address it leads to, with https\.$/),
      });
      expect(other.requests.map(({ headers }) => headers)).toEqual([]);
    },
  );
});

/** The choices of a field. @param parameters the current parameters of the node */
async function search(methodName: string, filter = '', parameters: object = {}): Promise<unknown> {
  return n8n.rest('POST', '/dynamic-node-parameters/resource-locator-results', {
    path: 'parameters.agent',
    methodName,
    filter,
    nodeTypeAndVersion: { name: dograhNodeType, version: 1 },
    currentNodeParameters: { resource: 'call', operation: 'place', ...parameters },
    credentials: { dograhApi: await n8n.createCredential('dograhApi', dograh.credential) },
  });
}

test('Agent offers the agents of the account, filtered by the typed text', async () => {
  expect(await search('searchAgents', 'REMINDER')).toEqual({
    results: [{ name: 'Appointment reminder', value: dograh.agent.uuid }],
  });
  expect(await search('searchAgents', '(')).toEqual({ results: [] });
});

test('Caller ID offers the numbers of the chosen telephony configuration, or of the default one', async () => {
  const { id } = (await dograh.api('POST', '/organizations/telephony-configs', {
    name: 'Second line',
    is_default_outbound: false,
    config: { provider: 'sandbox' },
  })) as { id: number };
  const address = '+14155550177';
  const number = (await dograh.api('POST', `/organizations/telephony-configs/${String(id)}/phone-numbers`, {
    address,
    country_code: 'US',
    label: 'Support',
  })) as { id: number };

  const { results } = (await search('searchTelephonyConfigurations')) as {
    results: { name: string; value: string }[];
  };
  expect(results[0]?.name).toMatch(/, default\)$/);
  expect(results).toContainEqual({ name: 'Second line (sandbox)', value: String(id) });

  const chosen = { options: { telephonyConfiguration: { __rl: true, mode: 'id', value: String(id) } } };
  expect(await search('searchCallerIds', '', chosen)).toEqual({
    results: [{ name: `${address} (Support)`, value: String(number.id) }],
  });
  expect(await search('searchCallerIds', address)).toEqual({ results: [] });
});

test('Variables has the variables of the chosen agent', async () => {
  const fields = await n8n.rest('POST', '/dynamic-node-parameters/resource-mapper-fields', {
    path: 'parameters.mappedVariables',
    methodName: 'getAgentVariables',
    nodeTypeAndVersion: { name: dograhNodeType, version: 1 },
    currentNodeParameters: {
      agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
      environment: 'production',
    },
    credentials: { dograhApi: await n8n.createCredential('dograhApi', dograh.credential) },
  });
  expect(fields).toMatchObject({
    fields: [{ id: 'first_name', displayName: 'first_name (otherwise: there)' }, { id: 'day' }],
  });
});
