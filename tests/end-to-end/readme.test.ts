/** Runs the commands of the README. */
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { Webhook } from 'standardwebhooks';
import { runAdmin } from '../support/admin';
import { printedRequest } from '../support/printed-request';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import { startReceiver, type Receiver } from '../support/webhooks';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const apiKey = `dgr_${'r'.repeat(43)}`;

let folder: string;
let receiver: Receiver;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'));
  receiver = await startReceiver();
  server = await startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
});
afterAll(async () => {
  await server.stop('SIGKILL');
  await receiver.close();
  rmSync(folder, { recursive: true });
});

/** Sends the request of a curl line of the README, with the values of this test. */
async function send(line: string): Promise<Response> {
  const triggerUuid = /production {2}POST \S+\/agent\/(\S+)/.exec(server.output)?.[1] ?? '';
  return fetch(
    printedRequest(
      line
        .replace('http://127.0.0.1:8000', server.baseUrl)
        .replace('http://127.0.0.1:9000', receiver.url)
        .replace('dgr_YOUR_KEY', apiKey)
        .replace('YOUR_TRIGGER_UUID', triggerUuid),
    ),
  );
}

test('its commands place a recorded call, whose signed event has links to the transcript and the recording', async () => {
  const section = readme.slice(readme.indexOf('**A call there and back'), readme.indexOf('## Day to day'));
  const commands = section.split('\n').filter((line) => line.startsWith('curl -X '));
  expect(commands).toHaveLength(3);
  const received = receiver.next();
  for (const command of commands) expect((await send(command)).status).toBe(200);

  const { url, headers, body } = await received;
  expect(url).toBe('/calls');
  const reply = await fetch(`${server.baseUrl}/api/v1/organizations/webhook-secret`, {
    headers: { 'X-API-Key': apiKey },
  });
  const { secret } = (await reply.json()) as { secret: string };
  const event = new Webhook(secret).verify(
    body.toString('utf8'),
    headers as Record<string, string>,
  ) as CallCompletedEvent;
  expect(event).toMatchObject({
    type: 'call.completed',
    data: {
      status: 'completed',
      artifacts_ready: true,
      gathered_context: { call_disposition: 'end_call_tool' },
    },
  });
  const { transcript_public_url: transcript, recording_public_url: recording } = event.data;
  const said = await fetch(`${server.baseUrl}${transcript ?? ''}`);
  expect(await said.text()).toMatch(/assistant: Hello Jane, this is a test call/);
  const heard = await fetch(`${server.baseUrl}${recording ?? ''}`);
  expect(heard.headers.get('content-type')).toBe('audio/wav');
  expect((await heard.arrayBuffer()).byteLength).toBeGreaterThan(1000);
});

/** The commands of the README's paragraph with this bold title. */
function commandsOf(title: string): string[] {
  const [, block = ''] = readme.slice(readme.indexOf(`**${title}.**`)).split('```\n');
  return block.trim().split('\n');
}

/** The demo agent's greeting in the next call. */
async function greetingOfNextCall(): Promise<string> {
  const place = readme.split('\n').find((line) => line.includes('"callback_url": "http://127.0.0.1:9000'));
  const received = receiver.next();
  expect((await send(place ?? '')).status).toBe(200);
  const event = JSON.parse((await received).body.toString('utf8')) as CallCompletedEvent;
  const transcript = await fetch(`${server.baseUrl}${event.data.transcript_public_url ?? ''}`);
  return transcript.text();
}

test('its commands change the greeting, once the draft is published', async () => {
  const [read = '', edit = '', save = '', publish = ''] = commandsOf('Change the greeting');
  const fetched = await send(read.replace('curl -s', 'curl -X GET'));
  const [, from = '', to = ''] = /^sed -i 's\/(.+)\/(.+)\/' agent\.json$/.exec(edit) ?? [];
  const agent = await fetched.text();
  expect(agent).toContain(from);
  const saved = await send(save.replace('-d @agent.json', `-d '${agent.replace(from, to)}'`));
  expect(saved.status).toBe(200);
  expect(await greetingOfNextCall()).toContain(from);
  expect((await send(publish)).status).toBe(200);
  expect(await greetingOfNextCall()).toContain(`Hello Jane, ${to}.`);
});

test('its commands sign up and in, and create a key of a new organization', async () => {
  const [signUp = '', logIn = '', makeKey = ''] = commandsOf('Sign in');
  expect((await send(signUp)).status).toBe(200);
  const { token } = (await (await send(logIn)).json()) as { token: string };
  const made = await send(makeKey.replace('YOUR_TOKEN', token));
  const { api_key: key } = (await made.json()) as { api_key: string };
  const agents = await fetch(`${server.baseUrl}/api/v1/workflow/fetch`, { headers: { 'X-API-Key': key } });
  expect([agents.status, await agents.json()]).toEqual([200, []]);
});

test('a backup of a running server, put in the place of its data folder, starts and decrypts the credentials', async () => {
  const [command = ''] = commandsOf('Back up');
  const [, words = ''] = /^npm run admin -- (.*)$/.exec(command) ?? [];
  const home = mkdtempSync(join(tmpdir(), 'backup-'));
  const environmentOf = (data: string) => ({ DATABASE_URL: `file:${join(home, data, 'trigger.db')}` });
  const start = (data: string) => startServerProcess({ ...environmentOf(data), BOOTSTRAP_API_KEY: apiKey });
  const secretOf = async ({ baseUrl }: ServerProcess) => {
    const reply = await fetch(`${baseUrl}/api/v1/organizations/webhook-secret`, {
      headers: { 'X-API-Key': apiKey },
    });
    return ((await reply.json()) as { secret: string }).secret;
  };
  const first = await start('data');
  const secret = await secretOf(first);
  const copied = await runAdmin(
    environmentOf('data'),
    ...words.replace('backups', `${home}/backups`).split(' '),
  );
  expect(copied).toEqual({ code: 0, output: copied.output });
  expect(await first.stop()).toBe(0);
  rmSync(join(home, 'data'), { recursive: true });
  renameSync(join(home, 'backups/monday'), join(home, 'data'));
  const restored = await start('data');
  try {
    expect(secret).toMatch(/^whsec_/);
    expect(await secretOf(restored)).toBe(secret);
  } finally {
    await restored.stop();
    rmSync(home, { recursive: true });
  }
});
