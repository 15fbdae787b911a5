/** A lost reply of Asterisk does not leave the callee in silence. */
import { playbackFinished } from '../../../support/vendors/ari';
import {
  channelId,
  channelPath,
  playPath,
  startAriListener,
  type AriListener,
} from '../../../support/vendors/ari-listener';

let listener: AriListener;
let vendor: AriListener['vendor'];
beforeEach(async () => {
  listener = await startAriListener();
  ({ vendor } = listener);
  listener.connect();
  await vendor.connected(1);
});
afterEach(() => listener.close());

test.each([
  ['its limit', /\/variable$/],
  ['its announcement', /\/play\//],
])('a call hears the announcement to its end although the reply to %s was lost', async (_title, path) => {
  listener.lost = [path];
  vendor.happen(channelId, 'answered');
  await vendor.requested('POST', playPath);
  vendor.send(playbackFinished(channelId, 'done'));
  await vendor.requested('DELETE', channelPath);
  vendor.happen(channelId, 'completed');
  const said = await listener.reports(3);
  expect(said[1]).toMatchObject({ greetingSpoken: true });
  expect(said[2]).toMatchObject({ status: 'ended', outcome: 'agent_hung_up' });
});

test('the hangup is sent again when the reply to it was lost', async () => {
  listener.lost = [/\/ari\/channels\/[^/]+$/];
  vendor.happen(channelId, 'answered');
  await vendor.requested('POST', playPath);
  vendor.send(playbackFinished(channelId, 'done'));
  await vendor.requested('DELETE', channelPath);
  const told = () => vendor.requests.filter(({ method }) => method === 'DELETE').length;
  while (told() < 2)
    await listener.host.clock.advance(1000, () => new Promise((resolve) => setImmediate(resolve)));
});
