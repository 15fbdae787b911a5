/** The effect of Asterisk's events on a call. */
import type { CarrierConnection } from '../../../../trigger-server/src/carriers/port/provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { channelEvent, playbackFinished, playbackStarted, type Ari } from '../../../support/vendors/ari';
import {
  application,
  channelId,
  channelPath,
  configurationId,
  playPath,
  startAriListener,
  unfinishedCall,
  type AriListener,
} from '../../../support/vendors/ari-listener';
import { countingSpeech } from '../../../support/wav';
import type { VendorHost } from '../../../support/vendors/host';
import { announcement, hungUp } from '../../../support/vendors/instructions';

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
const rest = () => listener.rest();
const advance = (milliseconds: number) => listener.advance(milliseconds);

/** The beginning of a dial. */
function dialEvent(): object {
  const timestamp = '2026-11-23T12:00:00.000+0000';
  return { type: 'Dial', timestamp, dialstatus: '', peer: { id: channelId, state: 'Down' } };
}

function played(): number {
  return vendor.requests.filter(({ url }) => playPath.test(url)).length;
}

describe('a call', () => {
  beforeEach(connect);

  test('rings, is answered, limited, announced from a signed address, hung up and completed', async () => {
    vendor.happen(channelId, 'ringing');
    vendor.happen(channelId, 'answered');
    const limit = await vendor.requested('POST', new RegExp(`^/ari/channels/${channelId}/variable`));
    expect(new URLSearchParams(limit.url.split('?')[1]).get('variable')).toBe('TIMEOUT(absolute)');
    // The announcement lasts ten seconds.
    expect(new URLSearchParams(limit.url.split('?')[1]).get('value')).toBe('25');
    const play = await vendor.requested('POST', playPath);
    expect(new URLSearchParams(play.url.split('?')[1]).get('media')).toBe(
      `sound:${host.callbackUrl('answer')}`,
    );
    vendor.send(playbackFinished(channelId, 'done'));
    await vendor.requested('DELETE', channelPath);
    vendor.happen(channelId, 'completed');
    expect(await reports(4)).toEqual([
      { status: 'ringing', rawStatus: 'Ringing', callId: channelId },
      { status: 'answered', rawStatus: 'StasisStart', callId: channelId },
      { status: 'answered', rawStatus: 'PlaybackFinished', callId: channelId, greetingSpoken: true },
      {
        ...ended('agent_hung_up'),
        rawStatus: 'hangup:16 Normal Clearing',
        carrierReason: '16 Normal Clearing',
        callId: channelId,
      },
    ]);
  });

  test.each([
    ['four of its ten seconds', [playbackStarted(channelId)], 0.4],
    ['nothing of it, because it had not begun', [], 0],
  ])(
    'that the callee ends during the announcement: %s was heard, and no hangup is sent',
    async (_what, begun, share) => {
      vendor.happen(channelId, 'answered');
      await vendor.requested('POST', playPath);
      for (const event of begun) vendor.send(event);
      vendor.send(channelEvent('ChannelHangupRequest', channelId, 'Up'));
      vendor.send(playbackFinished(channelId, 'failed', 4));
      vendor.send(channelEvent('ChannelDestroyed', channelId, 'Up', { cause: 0, cause_txt: 'Unknown' }));
      const [, spoken, end] = await reports(3);
      expect(spoken).toMatchObject({ greetingSpoken: true, heardShare: share });
      expect(end).toMatchObject({ ...ended('talk_ended'), rawStatus: 'hangup:0 Unknown', callId: channelId });
      expect(vendor.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
    },
  );

  test('whose announcement Asterisk cannot play is hung up and fails, with the reason', async () => {
    vendor.happen(channelId, 'answered');
    await vendor.requested('POST', playPath);
    vendor.send(playbackFinished(channelId, 'failed'));
    await vendor.requested('DELETE', channelPath);
    vendor.happen(channelId, 'completed');
    expect((await reports(2))[1]).toMatchObject({
      ...ended('announcement_failed'),
      rawStatus: 'hangup:16 Normal Clearing',
      callId: channelId,
      error: expect.stringContaining('could not play the announcement') as unknown,
    });
  });

  test('is limited by its agent, even if the announcement is longer', async () => {
    host.calls.set(7, listener.callOf({ maxCallDurationSeconds: 20 }));
    vendor.happen(channelId, 'answered');
    const limit = await vendor.requested('POST', new RegExp(`^/ari/channels/${channelId}/variable`));
    expect(new URLSearchParams(limit.url.split('?')[1]).get('value')).toBe('20');
  });

  test.each([404, 409, 412])(
    'whose callee has hung up before the announcement (HTTP %d) has ended, and did not fail',
    async (status) => {
      vendor.refusesPlay = status;
      vendor.happen(channelId, 'answered');
      await vendor.requested('DELETE', channelPath);
      vendor.send(channelEvent('ChannelDestroyed', channelId, 'Up', { cause: 0, cause_txt: 'Unknown' }));
      const [, end] = await reports(2);
      expect(end).toEqual({
        ...ended('talk_ended'),
        rawStatus: 'hangup:0 Unknown',
        carrierReason: '0 Unknown',
        callId: channelId,
      });
    },
  );

  test('is spoken while it rings, and not again when it is answered', async () => {
    const { command, starts } = countingSpeech();
    host.ttsCommand = command;
    vendor.send(dialEvent());
    await settled(() => starts() === 1);
    vendor.happen(channelId, 'answered');
    await vendor.requested('POST', playPath);
    expect(starts()).toBe(1);
  });

  test('whose announcement cannot be spoken is hung up at once and fails with the reason', async () => {
    host.ttsCommand = ['/nothing'];
    vendor.happen(channelId, 'answered');
    await vendor.requested('DELETE', channelPath);
    vendor.happen(channelId, 'completed');
    expect((await reports(2))[1]).toMatchObject({
      ...ended('announcement_failed'),
      error: expect.stringContaining('The TTS_COMMAND could not be run') as unknown,
    });
    expect(played()).toBe(0);
  });

  test('that Asterisk refuses to play, because the password has changed, fails with that reason', async () => {
    vendor.refusesPlay = 401;
    vendor.happen(channelId, 'answered');
    await vendor.requested('DELETE', channelPath);
    vendor.happen(channelId, 'completed');
    expect((await reports(2))[1]).toMatchObject({
      ...ended('announcement_failed'),
      error: expect.stringContaining('app_password') as unknown,
    });
  });

  test.each([
    ['has not replied is unreachable', false, 'unreachable'],
    ['has replied is not answered', true, 'no_answer'],
  ] as const)('that ends at its ring timeout while the trunk %s', async (_what, hasReplied, outcome) => {
    vendor.hasTrunkReplied = hasReplied;
    vendor.channels.set(channelId, 'Down');
    listener.unfinished = [unfinishedCall('initiated')];
    vendor.send(dialEvent());
    await rest();
    await advance(24_000);
    await vendor.requested('GET', new RegExp(`^/ari/channels/${channelId}/variable`));
    const channel = { id: channelId, state: 'Down', creationtime: '2026-11-23T11:59:35.000+0000' };
    const cause = { cause: 19, cause_txt: 'User alerting, no answer', tech_cause: 480 };
    vendor.send({ ...channelEvent('ChannelDestroyed', channelId, 'Down', cause), channel });
    expect(await reports(1)).toMatchObject([ended(outcome)]);
  });

  test('that reaches its longest duration ends with the outcome limit_reached', async () => {
    vendor.happen(channelId, 'answered');
    await vendor.requested('POST', playPath);
    const at = { timestamp: '2026-11-23T12:04:00.000+0000' };
    vendor.send({ ...playbackFinished(channelId, 'failed'), ...at });
    vendor.send(channelEvent('ChannelDestroyed', channelId, 'Up', { ...at, cause: 0, cause_txt: 'Unknown' }));
    const [, spoken, end] = await reports(3);
    expect(spoken?.greetingSpoken).toBe(true);
    expect(end).toMatchObject(ended('limit_reached'));
  });

  test.each([
    ['an empty text', announcement(' ')],
    ['a run that has ended', hungUp],
  ] as const)('with %s is hung up without a sound', async (_what, instructions) => {
    host.calls.set(7, listener.callOf({ instructions }));
    vendor.happen(channelId, 'answered');
    await vendor.requested('DELETE', channelPath);
    expect(played()).toBe(0);
  });

  test('has cause, text and SIP status in its raw word', async () => {
    vendor.happen(channelId, 'busy');
    expect(await reports(1)).toMatchObject([
      { ...ended('busy'), rawStatus: 'hangup:17 User busy (SIP 486)', callId: channelId },
    ]);
  });

  test('has one announcement, even if Asterisk reports the answer twice', async () => {
    vendor.happen(channelId, 'answered');
    vendor.happen(channelId, 'answered');
    vendor.happen(channelId, 'completed');
    await reports(3);
    expect(played()).toBe(1);
  });

  test('of another configuration’s run is ignored', async () => {
    host.calls.set(8, listener.callOf({ runId: 8, configurationId: configurationId + 1 }));
    vendor.happen(`${application}-8`, 'answered');
    vendor.happen(`${application}-8`, 'completed');
    vendor.happen('dograh_00000000000b-7', 'completed');
    vendor.happen('1795440661.12', 'completed');
    vendor.send({ type: 'ChannelDestroyed', channel: null });
    vendor.happen(channelId, 'busy');
    await reports(1);
    await rest();
    expect(host.reports.map(({ runId }) => runId)).toEqual([7]);
    expect(played()).toBe(0);
  });

  test('whose end cannot be written is reported again later', async () => {
    const report = host.report.bind(host);
    let isBroken = true;
    host.report = async (runId, said) => {
      if (isBroken) throw new Error('the disk is full');
      await report(runId, said);
    };
    vendor.happen(channelId, 'busy');
    await settled(() => host.logLines.some((line) => line.includes('could not be written')));
    isBroken = false;
    await host.clock.advance(1000, () => Promise.resolve());
    expect(await reports(1)).toMatchObject([ended('busy')]);
  });
});

describe('after a time without a connection, an unfinished call', () => {
  test.each([
    ['answered', 2000],
    ['ringing', 2000],
    // The dial may be in flight, without a channel yet.
    ['initiated', 20_000],
  ] as const)('that was %s and has no channel is ended by a check after %d ms', async (status, pause) => {
    listener.unfinished = [unfinishedCall(status)];
    await connect();
    await settled(() => host.followUps.get(7) === pause);
    expect(host.reports).toEqual([]);
    await connection?.followUp?.(unfinishedCall(status));
    expect(await reports(1)).toEqual([{ ...ended('failed'), rawStatus: 'channel gone', callId: channelId }]);
  });

  test('that was answered counts until the last sign of life of the connection', async () => {
    await connect();
    vendor.happen(channelId, 'answered');
    await vendor.requested('POST', playPath);
    await rest();
    vendor.channels.clear();
    listener.unfinished = [unfinishedCall('answered')];
    vendor.cut();
    await settled(() => connection?.fault() !== null);
    await advance(1000);
    await settled(() => host.followUps.get(7) === 2000);
    await advance(5000);
    await connection?.followUp?.(unfinishedCall('answered'));
    expect((await reports(2))[1]).toMatchObject({ rawStatus: 'channel gone', lateSeconds: 6 });
  });

  test('is not asked about while Asterisk is not connected', async () => {
    await connect();
    await settled(() => connection?.fault() === null);
    vendor.cut();
    await settled(() => connection?.fault() !== null);
    const before = vendor.requests.length;
    await connection?.followUp?.(unfinishedCall('ringing'));
    expect(vendor.requests).toHaveLength(before);
  });

  test('whose channel appears later stays open', async () => {
    listener.unfinished = [unfinishedCall('initiated')];
    await connect();
    await settled(() => host.followUps.get(7) === 20_000);
    vendor.channels.set(channelId, 'Ringing');
    await connection?.followUp?.(unfinishedCall('initiated'));
    expect(host.reports).toEqual([]);
    expect(host.followUps.get(7)).toBeNull();
  });

  test('without a channel at two connections gets the whole time again, because its dial may be in flight', async () => {
    listener.unfinished = [unfinishedCall('initiated')];
    await connect();
    await settled(() => host.followUps.delete(7));
    vendor.cut();
    await settled(() => connection?.fault() !== null);
    await advance(1000);
    await settled(() => host.followUps.get(7) === 20_000);
    expect(host.reports).toEqual([]);
  });

  test('that was answered meanwhile hears its announcement', async () => {
    vendor.channels.set(channelId, 'Up');
    listener.unfinished = [unfinishedCall('ringing')];
    await connect();
    await vendor.requested('POST', playPath);
    expect(await reports(1)).toMatchObject([{ status: 'answered' }]);
  });

  test('that hears its announcement is not interrupted', async () => {
    vendor.channels.set(channelId, 'Up');
    vendor.playbacks.add(`${channelId}-announcement`);
    listener.unfinished = [unfinishedCall('answered')];
    await connect();
    await vendor.requested('GET', /^\/ari\/playbacks\//);
    await rest();
    expect(vendor.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('whose announcement has ended, or was lost, is hung up and does not hear it again', async () => {
    vendor.channels.set(channelId, 'Up');
    listener.unfinished = [unfinishedCall('answered')];
    await connect();
    await vendor.requested('DELETE', channelPath);
    expect(played()).toBe(0);
  });

  test('whose announcement ended without a connection counts as having heard it', async () => {
    await connect();
    vendor.happen(channelId, 'answered');
    await vendor.requested('POST', playPath);
    await rest();
    vendor.playbacks.clear();
    listener.unfinished = [unfinishedCall('answered')];
    vendor.cut();
    await settled(() => connection?.fault() !== null);
    await advance(1000);
    await vendor.requested('DELETE', channelPath);
    expect(await reports(2)).toMatchObject([{ status: 'answered' }, { greetingSpoken: true }]);
    expect(played()).toBe(1);
  });
});
