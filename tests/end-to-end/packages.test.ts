/**
 * The contract of both packages, with Dograh's replayed replies, and with the bundled server with and without
 * extensions.
 */
import { packagesContract } from '../contracts/packages';
import { replayed, startReplayedDograh } from '../support/replayed-dograh';
import { nextNumber, startZapierServer } from '../support/zapier-server';

const running: { close(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const server of running) await server.close();
});

packagesContract('Dograh’s replies', async () => {
  const dograh = await startReplayedDograh();
  running.push(dograh);
  return { ...replayed, baseUrl: dograh.url };
});

function onBundledServer(environment: Record<string, string>) {
  return async () => {
    const server = await startZapierServer(environment);
    running.push({ close: () => server.stop() });
    return { ...server, phoneNumber: nextNumber() };
  };
}

packagesContract('the bundled server', onBundledServer({}));
packagesContract('the bundled server as plain Dograh', onBundledServer({ EXTENSIONS: '' }));
