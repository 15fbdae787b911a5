/** A call that talks through its carrier goes on at the next server process when the one that held it is killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import supertest from 'supertest';
import { definitionWith } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { startEchoingModel, type EchoingModel } from '../../../support/echoing-model';
import { freeTcpPort } from '../../../support/free-port';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import {
  addTalkingCarrier,
  answer,
  bodyOf,
  open,
  place,
  reportEnd,
  talkingAgent,
  talkingEnvironment,
  type TalkCaller,
} from '../../../support/vendors/talking/call';
import { talkingCarriers } from '../../../support/vendors/talking/carriers';
import type { Vendor } from '../../../support/vendors/vendor';
import { utterances } from '../../../support/utterances';

describe.each(talkingCarriers.filter(({ name }) => name === 'twilio'))('$name', (carrier) => {
  const account = { apiKey: `dgr_${'k'.repeat(43)}` };
  let folder: string;
  let model: EchoingModel;
  let vendor: Vendor;
  let running: ServerProcess[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'killed-documents-'));
    model = await startEchoingModel();
    vendor = await carrier.startVendor();
    running = [];
  });
  afterEach(async () => {
    for (const server of running) await server.stop('SIGKILL');
    await vendor.close();
    await model.close();
    rmSync(folder, { recursive: true });
  });

  /** The next process of the database. */
  async function start(): Promise<TalkCaller> {
    // The server prints its public address, not where it listens.
    const port = await freeTcpPort();
    const server = await startServerProcess({
      PORT: String(port),
      ...talkingEnvironment({ vendor, carrier }),
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      BOOTSTRAP_API_KEY: account.apiKey,
      LLM_BASE_URL: model.baseUrl,
      LLM_MODEL: 'played',
    });
    running.push(server);
    return { server: { request: supertest(`http://127.0.0.1:${String(port)}`) }, account, vendor, carrier };
  }

  async function killed(): Promise<void> {
    await running.at(-1)?.stop('SIGKILL');
  }

  /** A call whose callee has heard the greeting. */
  async function greeted(stage: TalkCaller) {
    await addTalkingCarrier(stage);
    const agent = await talkingAgent(stage, definitionWith({ greeting: 'Hello.' }));
    const { runId, dial } = await place(stage, agent);
    return { runId, dial, opening: await open(stage, dial) };
  }

  async function completed(stage: TalkCaller, runId: number): Promise<Run> {
    for (;;) {
      const run = await readRun(stage.server, account, runId);
      if (run.is_completed) return run;
    }
  }

  test('killed between two turns: the next process serves the second; both are in the transcript, the model was asked once for each, and the call ends', async () => {
    const first = await start();
    const { runId, dial, opening } = await greeted(first);
    expect(opening.said).toEqual(['Hello.']);
    const one = await answer(first, opening, 'First words.');
    expect(one.said).toEqual(['You said: First words.']);
    await killed();

    const second = await start();
    const two = await answer(second, one, 'Second words.');
    expect(two.said).toEqual(['You said: Second words.']);
    await reportEnd(second, dial);
    const run = await completed(second, runId);
    expect(utterances(run)).toEqual([
      'Hello.',
      'First words.',
      'You said: First words.',
      'Second words.',
      'You said: Second words.',
    ]);
    expect(model.asked).toEqual(['First words.', 'Second words.']);
    expect(run).toMatchObject({
      status: 'completed',
      gathered_context: { call_disposition: 'user_hangup', nodes_visited: ['Start'] },
    });
  });

  test('killed in a turn: the next process computes it from what was heard, and the carrier gets its reply both where it asks on and where it repeats itself', async () => {
    const first = await start();
    const { runId, dial, opening } = await greeted(first);
    const isAsked = model.holdNext();
    const callback = carrier.heard(opening.listen ?? '', 'First words.');
    const late = bodyOf(first, callback);
    await isAsked;
    const waiting = carrier.read(await late);
    expect(waiting).toMatchObject({ said: ['One moment, please.'], listen: null });
    await killed();

    const second = await start();
    // Without the words: only the database has them.
    const next = await bodyOf(second, carrier.goOn(waiting.goOn ?? ''));
    expect(carrier.read(next).said).toEqual(['You said: First words.']);
    expect(await bodyOf(second, callback)).toBe(next);
    expect(model.asked).toEqual(['First words.', 'First words.']);
    await reportEnd(second, dial);
    expect(utterances(await completed(second, runId))).toEqual([
      'Hello.',
      'One moment, please.',
      'First words.',
      'You said: First words.',
    ]);
  });
});
