import { zapierTransport } from '../../zapier-app/src/transport';
import { transportContract } from '../contracts/transport';
import { startLocalServer } from '../support/local-server';
import { appTester, failureOf } from '../support/zapier';

transportContract('Zapier', (apiKey) => (request) => {
  const authData = { base_url: new URL(request.url).origin, api_key: apiKey };
  return appTester((z) => zapierTransport(z)(request), { authData });
});

test('a network error does not carry the input of the step', async () => {
  const server = await startLocalServer(() => undefined);
  await server.close();
  let thrown: unknown;
  await failureOf(
    appTester(
      (z) =>
        zapierTransport(z)({
          method: 'POST',
          url: `${server.url}/api/v1/public/agent/x`,
          headers: {},
          body: '{"initial_context":{"diagnosis":"secret"}}',
          timeoutSeconds: 5,
        }).catch((error: unknown) => {
          // Read here: whatever passes out of the step gets the history appended by the platform.
          thrown = error instanceof Error ? error.message : error;
          throw error;
        }),
      { authData: { base_url: server.url, api_key: 'dgr_x' }, inputData: { diagnosis: 'secret' } },
    ),
  );
  expect(thrown).toMatch(
    /^request to http:\/\/127\.0\.0\.1:\d+\/\S+ failed, reason: connect ECONNREFUSED \S+$/,
  );
});
