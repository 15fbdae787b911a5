/** A stop signal cuts off no callee of a carrier that is followed over a connection. */
import { once } from 'node:events';
import Libsql from 'libsql';
import { ariSettings, channelOf, playbackFinished, startAri, type Ari } from '../support/vendors/ari';
import { startReceiver } from '../support/webhooks';
import { speaking } from '../support/wav';
import { startCallingProcess, type CallingProcess } from './calling-process';

let asterisk: Ari;
let server: CallingProcess;
afterEach(async () => {
  await server.close();
  await asterisk.close();
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  asterisk = await startAri();
  server = await startCallingProcess(() => undefined, {
    environment: {
      ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
      TTS_COMMAND: speaking(1).join(' '),
      ...environment,
    },
  });
}

/** Adds the PBX, and returns how to call through it once it is connected. */
async function connect(): Promise<(body?: object) => Promise<{ status: number; text: string }>> {
  const added = await server.send('POST', '/organizations/telephony-configs', {
    name: 'PBX',
    config: { provider: 'ari', ...ariSettings(asterisk) },
  });
  const { id } = JSON.parse(added.text) as { id: number };
  for (;;) {
    const { text } = await server.send('GET', `/organizations/telephony-configs/${String(id)}`);
    if (text.includes('"ready_for_outbound":true')) break;
  }
  return (body = {}) => server.trigger({ telephony_configuration_id: id, ...body });
}

async function ringingChannel(body: object = {}): Promise<string> {
  const call = await connect();
  expect((await call(body)).status).toBe(200);
  const [dial] = asterisk.dials;
  if (dial === undefined) throw new Error('Asterisk was not asked to dial');
  const channelId = channelOf(dial);
  asterisk.happen(channelId, 'ringing');
  return channelId;
}

test('a callee who answers after a stop signal hears the announcement; then the server ends', async () => {
  await start();
  const channelId = await ringingChannel();
  const ended = once(server.process.child, 'exit');
  server.process.child.kill('SIGTERM');
  for (;;) if ((await server.trigger()).status === 503) break;
  asterisk.happen(channelId, 'answered');
  const play = await asterisk.requested('POST', /\/play\//);
  const media = new URLSearchParams(play.url.split('?')[1]).get('media') ?? '';
  const sound = await fetch(media.replace('sound:', ''));
  expect(sound.headers.get('content-type')).toBe('audio/wav');
  asterisk.send(playbackFinished(channelId, 'done'));
  await asterisk.requested('DELETE', new RegExp(`/channels/${channelId}$`));
  asterisk.happen(channelId, 'completed');
  expect(await ended).toEqual([0, null]);
});

test('the event of a call that ends after a stop signal is sent before the server ends', async () => {
  const receiver = await startReceiver();
  try {
    await start();
    const channelId = await ringingChannel({ callback_url: `${receiver.url}/ended` });
    const ended = once(server.process.child, 'exit');
    server.process.child.kill('SIGTERM');
    for (;;) if ((await server.trigger()).status === 503) break;
    asterisk.happen(channelId, 'busy');
    expect(await ended).toEqual([0, null]);
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/ended']);
  } finally {
    await receiver.close();
  }
});

test('a connection without a call does not delay the stop', async () => {
  await start();
  await connect();
  const ended = once(server.process.child, 'exit');
  const before = performance.now();
  server.process.child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  // A call would be waited for up to 45 s.
  expect(performance.now() - before).toBeLessThan(10_000);
});

test('a phone that still rings after DRAIN_SECONDS is silenced before the server ends, and its run says why', async () => {
  await start({ DRAIN_SECONDS: '1' });
  const channelId = await ringingChannel();
  const ended = once(server.process.child, 'exit');
  server.process.child.kill('SIGTERM');
  await asterisk.requested('DELETE', new RegExp(`/channels/${channelId}$`));
  expect(asterisk.connections).toBe(1);
  asterisk.happen(channelId, 'canceled');
  expect(await ended).toEqual([0, null]);
  const database = new Libsql(server.databaseFile);
  try {
    expect(database.prepare('SELECT status, reason, gathered_context FROM runs').all()).toEqual([
      {
        status: 'canceled',
        reason: 'canceled',
        gathered_context: expect.stringContaining('The server was stopped while the phone rang.') as unknown,
      },
    ]);
  } finally {
    database.close();
  }
});
