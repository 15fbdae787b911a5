/** Calls through Asterisk that are ended before their announcement, because it fails or the server stops. */
import type { CarrierConnection } from '../../../../trigger-server/src/carriers/port/provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import type { Ari } from '../../../support/vendors/ari';
import {
  channelId,
  channelPath,
  playPath,
  startAriListener,
  unfinishedCall,
  type AriListener,
} from '../../../support/vendors/ari-listener';
import type { VendorHost } from '../../../support/vendors/host';
import { fragileSpeech, type FragileSpeech } from '../../../support/wav';

let listener: AriListener;
let vendor: Ari;
let host: VendorHost;
let connection: CarrierConnection | undefined;
let speech: FragileSpeech;

beforeEach(async () => {
  listener = await startAriListener();
  ({ vendor, host } = listener);
  speech = fragileSpeech();
  host.ttsCommand = speech.command;
  connection = listener.connect();
  await listener.settled(() => connection?.fault() === null);
});
afterEach(async () => {
  speech.setHeld(false);
  await listener.close();
});

const reports = (count: number) => listener.reports(count);

function count(method: string, path: RegExp): number {
  return vendor.requests.filter((request) => request.method === method && path.test(request.url)).length;
}

test('a call that is answered before the announcement is spoken hears it as soon as it is', async () => {
  speech.setHeld(true);
  vendor.happen(channelId, 'answered');
  await listener.settled(() => speech.starts() === 2);
  await listener.rest();
  expect(count('POST', playPath)).toBe(0);
  speech.setHeld(false);
  await vendor.requested('POST', playPath);
});

test('a call whose announcement cannot be spoken while it rings is hung up before the answer, with the reason', async () => {
  speech.setBroken(true);
  vendor.happen(channelId, 'ringing');
  await vendor.requested('DELETE', channelPath);
  vendor.happen(channelId, 'canceled');
  expect((await reports(2))[1]).toMatchObject({
    ...ended('announcement_failed'),
    error: expect.stringContaining('The TTS_COMMAND failed (1)') as unknown,
  });
  // The word that checks the command at the start, the announcement, and the word again.
  await listener.settled(() => speech.starts() === 3);
  expect(count('POST', playPath)).toBe(0);
});

test('a call that is answered while it is being hung up because of that hears nothing, and its end has the reason', async () => {
  speech.setBroken(true);
  vendor.happen(channelId, 'ringing');
  await vendor.requested('DELETE', channelPath);
  vendor.happen(channelId, 'answered');
  vendor.happen(channelId, 'completed');
  expect((await reports(3))[2]).toMatchObject(ended('announcement_failed'));
  expect(count('POST', playPath)).toBe(0);
});

test('a call that has been silent for ten seconds after the answer is hung up, with the reason', async () => {
  speech.setHeld(true);
  vendor.happen(channelId, 'answered');
  await listener.settled(() => speech.starts() === 2);
  await listener.rest();
  await listener.advance(10_000);
  await vendor.requested('DELETE', channelPath);
  speech.setHeld(false);
  vendor.happen(channelId, 'completed');
  expect((await reports(2))[1]).toMatchObject({
    ...ended('announcement_failed'),
    error: expect.stringContaining('had not spoken it within 10 s') as unknown,
  });
});

test('a call whose announcement the database does not say at the answer is hung up, with the reason', async () => {
  vendor.happen(channelId, 'ringing');
  await reports(1);
  host.answeredCall = () => Promise.reject(new Error('the disk is full'));
  vendor.happen(channelId, 'answered');
  await vendor.requested('DELETE', channelPath);
  vendor.happen(channelId, 'completed');
  expect((await reports(3))[2]).toMatchObject({
    ...ended('announcement_failed'),
    error: expect.stringContaining('The database of this server') as unknown,
  });
});

test('a call that rings when the server stops is cancelled, with the reason', async () => {
  listener.unfinished = [unfinishedCall('ringing')];
  vendor.happen(channelId, 'ringing');
  await reports(1);
  connection?.endRinging?.('The server was stopped.');
  await vendor.requested('DELETE', channelPath);
  vendor.happen(channelId, 'canceled');
  expect((await reports(2))[1]).toMatchObject({ ...ended('canceled'), error: 'The server was stopped.' });
});

test('a call that is answered while the stopping server cancels it was canceled in the talk', async () => {
  listener.unfinished = [unfinishedCall('ringing')];
  vendor.happen(channelId, 'ringing');
  await reports(1);
  connection?.endRinging?.('The server was stopped.');
  await vendor.requested('DELETE', channelPath);
  vendor.happen(channelId, 'answered');
  vendor.happen(channelId, 'completed');
  expect((await reports(3))[2]).toMatchObject(ended('canceled_in_talk'));
});

test('a call that was answered before the server stops goes on', async () => {
  listener.unfinished = [unfinishedCall('ringing')];
  vendor.happen(channelId, 'answered');
  await vendor.requested('POST', playPath);
  connection?.endRinging?.('The server was stopped.');
  await listener.rest();
  expect(count('DELETE', channelPath)).toBe(0);
});
