/** A call that talks through Asterisk goes on at the next server process, or after a loss of the connection. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { definitionWith } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { startEchoingModel, type EchoingModel } from '../../../support/echoing-model';
import { freeTcpPort } from '../../../support/free-port';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { spokenText } from '../../../support/spoken-text';
import type { TestServer } from '../../../support/test-server';
import { addCarrier, configurationsPath } from '../../../support/telephony';
import { utterances } from '../../../support/utterances';
import { ariSettings, startAri, type Ari } from '../../../support/vendors/ari';
import { AriCallee } from '../../../support/vendors/talking/ari-callee';
import { place, publicBaseUrl, talkingAgent } from '../../../support/vendors/talking/call';

const account = { apiKey: `dgr_${'k'.repeat(43)}` };
const speech = spokenText();
let folder: string;
let model: EchoingModel;
let vendor: Ari;
let running: ServerProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'killed-asterisk-'));
  model = await startEchoingModel();
  vendor = await startAri();
  running = [];
});
afterEach(async () => {
  for (const server of running) await server.stop('SIGKILL');
  await vendor.close();
  await model.close();
  rmSync(folder, { recursive: true });
});

interface Started {
  server: Pick<TestServer, 'request'>;
  baseUrl: string;
}

/** The next process of the database. */
async function start(): Promise<Started> {
  // The server prints its public address, not where it listens.
  const port = String(await freeTcpPort());
  const server = await startServerProcess({
    PORT: port,
    PUBLIC_BASE_URL: publicBaseUrl,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: account.apiKey,
    DRAIN_SECONDS: '1',
    LLM_BASE_URL: model.baseUrl,
    LLM_MODEL: 'played',
    ...speech,
  });
  running.push(server);
  const baseUrl = `http://127.0.0.1:${port}`;
  return { server: { request: supertest(baseUrl) }, baseUrl };
}

/** A call whose callee has heard the greeting. */
async function greeted({ server, baseUrl }: Started) {
  const config = { provider: 'ari', ...ariSettings(vendor) };
  const { id } = await addCarrier(server, account, config, { name: 'PBX', is_default_outbound: true });
  const isReady = async () => {
    const shown = await server.request
      .get(`${configurationsPath}/${String(id)}`)
      .set('X-API-Key', account.apiKey);
    return (shown.body as TelephonyConfiguration).setup_checklist?.ready_for_outbound === true;
  };
  while (!(await isReady())) continue;
  const agent = await talkingAgent({ server, account }, definitionWith({ greeting: 'Hello.' }));
  const { runId, dial } = await place({ server, account, vendor }, agent);
  const callee = new AriCallee(vendor, dial);
  callee.pickUp();
  expect(await callee.hears({ baseUrl }, 'talk-0')).toBe('Hello.');
  return { runId, callee };
}

async function completed({ server }: Started, runId: number) {
  for (;;) {
    const run = await readRun(server, account, runId);
    if (run.is_completed) return run;
  }
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'after %s between two turns the next process says the last words again, and listens; no turn is computed twice, and nobody is dialled again',
  async (signal) => {
    const first = await start();
    const { runId, callee } = await greeted(first);
    await callee.says(1, 'First words.');
    expect(await callee.hears(first, 'talk-1')).toBe('You said: First words.');
    await callee.isListenedTo(2);
    await running[0]?.stop(signal);

    const second = await start();
    expect(await callee.hears(second, 'talk-1', 2)).toBe('You said: First words.');
    await callee.says(2, 'Second words.', 2);
    expect(await callee.hears(second, 'talk-2')).toBe('You said: Second words.');
    callee.hangUp();
    const run = await completed(second, runId);
    expect(utterances(run)).toEqual([
      'Hello.',
      'First words.',
      'You said: First words.',
      'Second words.',
      'You said: Second words.',
    ]);
    expect(run).toMatchObject({ status: 'completed', gathered_context: { call_disposition: 'user_hangup' } });
    expect(model.asked.filter((said) => said !== null)).toEqual(['First words.', 'Second words.']);
    expect(vendor.dials).toHaveLength(1);
  },
);

test('killed while it computes a turn: the next process computes it from what was heard', async () => {
  const first = await start();
  const { runId, callee } = await greeted(first);
  const isAsked = model.holdNext();
  await callee.says(1, 'First words.');
  await isAsked;
  await running[0]?.stop('SIGKILL');

  const second = await start();
  expect(await callee.hears(second, 'talk-1')).toBe('You said: First words.');
  callee.hangUp();
  const said = utterances(await completed(second, runId)).filter((text) => text !== 'One moment, please.');
  expect(said).toEqual(['Hello.', 'First words.', 'You said: First words.']);
  expect(vendor.dials).toHaveLength(1);
});

test('killed while words are played: they are not begun again', async () => {
  const first = await start();
  const { runId, callee } = await greeted(first);
  await callee.says(1, 'First words.');
  expect(await callee.isTold(first, 'talk-1')).toBe('You said: First words.');
  await running[0]?.stop('SIGKILL');

  const second = await start();
  await callee.ordered('GET', '/ari/playbacks/', 3);
  callee.heardOut('talk-1');
  await callee.says(2, 'Second words.');
  expect(await callee.hears(second, 'talk-2')).toBe('You said: Second words.');
  callee.hangUp();
  expect(utterances(await completed(second, runId))).toHaveLength(5);
});

test('after a loss of the connection to Asterisk the same process goes on', async () => {
  const first = await start();
  const { runId, callee } = await greeted(first);
  await callee.isListenedTo(1);
  vendor.cut();
  expect(await callee.hears(first, 'talk-0', 2)).toBe('Hello.');
  await callee.says(1, 'First words.', 2);
  expect(await callee.hears(first, 'talk-1')).toBe('You said: First words.');
  callee.hangUp();
  expect(utterances(await completed(first, runId))).toEqual([
    'Hello.',
    'First words.',
    'You said: First words.',
  ]);
});
