/** The connection to Asterisk on which its events arrive, and when it has a fault. */
import type { CarrierConnection } from '../../../../trigger-server/src/carriers/port/provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { ariUser, type Ari } from '../../../support/vendors/ari';
import {
  application,
  channelId,
  startAriListener,
  unfinishedCall,
  type AriListener,
} from '../../../support/vendors/ari-listener';
import { fragileSpeech } from '../../../support/wav';
import type { VendorHost } from '../../../support/vendors/host';

let listener: AriListener;
let vendor: Ari;
let host: VendorHost;
let connection: CarrierConnection | undefined;

beforeEach(async () => {
  listener = await startAriListener();
  ({ vendor, host } = listener);
  connection = undefined;
});
afterEach(() => listener.close());

async function connect(): Promise<void> {
  connection = listener.connect();
  await vendor.connected(1);
}

const reports = (count: number) => listener.reports(count);
const settled = (isSo: () => boolean) => listener.settled(isSo);
const advance = (milliseconds: number) => listener.advance(milliseconds);

describe('the connection', () => {
  const isUp = () => connection?.fault() === null;
  /** Tasks that wait for the test's clock. */
  let planned: number;
  beforeEach(() => {
    planned = 0;
    const after = host.clock.after.bind(host.clock);
    host.clock.after = (milliseconds, task) => {
      planned += 1;
      return after(milliseconds, () => {
        planned -= 1;
        task();
      });
    };
  });

  test('has a fault until it is open, so that calls are refused with the reason', async () => {
    connection = listener.connect();
    expect(connection?.fault()).toEqual({
      reason: 'Asterisk is not connected: the connection is being made.',
      isTemporary: true,
    });
    await settled(isUp);
  });

  test.each([
    ['another password', () => ({ app_password: 'wrong' }), 'it refused app_name or app_password (HTTP 401)'],
    ['a closed port', () => ({ ari_endpoint: 'http://127.0.0.1:9' }), 'No connection to the carrier'],
    ['a path without ARI', () => ({ ari_endpoint: `${vendor.origin}/pbx` }), 'there is no ARI under'],
    ['a private address', () => ({ ari_endpoint: 'http://10.1.2.3:8088' }), 'ALLOWED_PRIVATE_TARGETS'],
  ])('with %s names that in its fault, without the password', async (_what, change, fault) => {
    connection = listener.connect(change());
    await settled(() => connection?.fault()?.reason.includes(fault) === true);
    expect(`${String(connection?.fault()?.reason)}${host.logLines.join()}`).not.toContain(
      ariUser.app_password,
    );
  });

  test('is opened again one second after a loss, and has a fault until then', async () => {
    await connect();
    await settled(isUp);
    vendor.cut();
    await settled(() => !isUp());
    expect(connection?.lostAt?.()).toEqual(host.clock.steady());
    await advance(1000);
    await vendor.connected(2);
    await settled(isUp);
    expect(connection?.lostAt?.()).toBeNull();
  });

  test('is retried after 1, 2, 4, 8, 16, 30 and 30 seconds', async () => {
    const attempts = () => vendor.requests.filter(({ url }) => url.startsWith('/ari/asterisk/info')).length;
    connection = listener.connect({ app_password: 'wrong' });
    let expected = 1;
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      await settled(() => attempts() === expected && planned === 1);
      await advance(seconds * 1000 - 1);
      expect(attempts()).toBe(expected);
      await advance(1);
      expected += 1;
    }
    await settled(() => attempts() === expected);
  });

  test('that stops answering is closed and opened again', async () => {
    await connect();
    await settled(isUp);
    await advance(20_000);
    await settled(() => vendor.pings === 1 && isUp());
    vendor.answersPings = false;
    await advance(20_000);
    await settled(() => vendor.pings === 2);
    await advance(20_000);
    expect(connection?.fault()?.reason).toBe('Asterisk is not connected: it stopped answering.');
    await advance(1000);
    await vendor.connected(2);
  });

  test('that another client takes over has that as its fault, and is taken back after 30 seconds', async () => {
    await connect();
    await settled(isUp);
    vendor.send({ type: 'ApplicationReplaced', application });
    await settled(() => !isUp());
    expect(connection?.fault()?.reason).toContain(
      'another client has connected as the same Stasis application',
    );
    await settled(() => vendor.connections === 0);
    await advance(29_000);
    expect(connection?.fault()).not.toBeNull();
    await advance(1000);
    await vendor.connected(2);
  });

  test('of a server that cannot speak has that as a lasting fault, until it can', async () => {
    const command = host.ttsCommand;
    host.ttsCommand = ['/nothing'];
    await connect();
    await settled(() => connection?.fault()?.isTemporary === false);
    expect(connection?.fault()?.reason).toMatch(
      /^Announcements cannot be spoken\. The TTS_COMMAND could not be run.* Install espeak-ng/,
    );
    host.ttsCommand = command;
    await advance(20_000);
    await settled(isUp);
  });

  test('of a server that can no longer speak has that as its fault as soon as a speech fails', async () => {
    const { command, setBroken } = fragileSpeech();
    host.ttsCommand = command;
    await connect();
    await settled(isUp);
    setBroken(true);
    vendor.happen(channelId, 'ringing');
    await settled(() => connection?.fault()?.reason.startsWith('Announcements cannot be spoken.') === true);
    setBroken(false);
    await advance(20_000);
    await settled(isUp);
  });

  test('checks its user every second only as long as the run of a ringing call has not ended', async () => {
    await connect();
    await settled(isUp);
    listener.unfinished = [unfinishedCall('ringing')];
    vendor.happen(channelId, 'ringing');
    await reports(1);
    const checks = () => vendor.requests.filter(({ url }) => url.startsWith('/ari/asterisk/info')).length;
    /** The number of checks in ten seconds. */
    const checksNow = async () => {
      const before = checks();
      for (let second = 0; second < 10; second += 1) {
        await advance(1000);
        await listener.rest();
      }
      return checks() - before;
    };
    expect(await checksNow()).toBe(10);
    listener.unfinished = [];
    await checksNow();
    expect(await checksNow()).toBeLessThan(3);
  });

  test('whose user is refused later has that as a lasting fault, and still reports the ends of calls', async () => {
    await connect();
    await settled(isUp);
    vendor.refusesUser = true;
    await advance(20_000);
    await settled(() => !isUp());
    expect(connection?.fault()).toEqual({
      reason: 'Asterisk is not connected: it refused app_name or app_password (HTTP 401).',
      isTemporary: false,
    });
    vendor.happen(channelId, 'busy');
    expect(await reports(1)).toMatchObject([ended('busy')]);
    vendor.refusesUser = false;
    await advance(20_000);
    await settled(isUp);
  });

  test('whose user is refused while a phone rings is closed within a second, so that nobody hears silence', async () => {
    await connect();
    await settled(isUp);
    vendor.happen(channelId, 'ringing');
    await reports(1);
    vendor.refusesUser = true;
    await advance(1000);
    await settled(() => vendor.connections === 0);
    expect(connection?.fault()).toMatchObject({ isTemporary: false });
  });

  test('that was closed stays closed', async () => {
    await connect();
    await settled(isUp);
    connection?.close();
    await settled(() => vendor.connections === 0);
    await advance(60_000);
    expect(vendor.connections).toBe(0);
  });
});
