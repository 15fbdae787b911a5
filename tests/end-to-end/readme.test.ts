/** The README's call there and back, command by command. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { Webhook } from 'standardwebhooks';
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

/** Sends what the README's curl line says, with this server, key, trigger and receiver in the places of its own. */
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

test('its commands place a recorded call, whose event is signed and leads to the transcript and the recording', async () => {
  const section = readme.slice(readme.indexOf('**A call there and back'), readme.indexOf('## Called once'));
  const commands = section.split('\n').filter((line) => line.startsWith('curl -X '));
  expect(commands).toHaveLength(3);
  const told = receiver.next();
  for (const command of commands) expect((await send(command)).status).toBe(200);

  const { url, headers, body } = await told;
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
