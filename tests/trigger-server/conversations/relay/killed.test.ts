/** A call that talks by relay goes on by documents, at the next server process, when the one that held it is killed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import supertest from 'supertest';
import { definitionWith } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { startEchoingModel } from '../../../support/echoing-model';
import { freeTcpPort } from '../../../support/free-port';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import {
  addTalkingCarrier,
  answer,
  bodyOf,
  place,
  reportEnd,
  talkingAgent,
  talkingEnvironment,
} from '../../../support/vendors/talking/call';
import { talkingCarriers } from '../../../support/vendors/talking/carriers';
import { connect, twilioRelay, twilioRelayEnd } from '../../../support/vendors/talking/relays';
import { utterances } from '../../../support/utterances';

const account = { apiKey: `dgr_${'k'.repeat(43)}` };

/** By documents. */
const documents = talkingCarriers.filter(({ name }) => name === twilioRelay.name);

test.each(documents)(
  'killed in a turn: the words that were not answered are, and the call talks on',
  async (carrier) => {
    const folder = mkdtempSync(join(tmpdir(), 'killed-relay-'));
    const model = await startEchoingModel();
    const vendor = await twilioRelay.startVendor();
    const running: ServerProcess[] = [];
    try {
      const start = async () => {
        // The server prints its public address, not where it listens.
        const port = await freeTcpPort();
        const process = await startServerProcess({
          PORT: String(port),
          ...talkingEnvironment({ vendor, carrier: twilioRelay }),
          DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
          BOOTSTRAP_API_KEY: account.apiKey,
          LLM_BASE_URL: model.baseUrl,
          LLM_MODEL: 'played',
        });
        running.push(process);
        const baseUrl = `http://127.0.0.1:${String(port)}`;
        return { server: { request: supertest(baseUrl) }, account, vendor, carrier, baseUrl };
      };
      const first = await start();
      await addTalkingCarrier({ ...first, carrier: twilioRelay });
      const agent = await talkingAgent(first, definitionWith({ greeting: 'Hello.' }));
      const { runId, dial } = await place(first, agent);
      const offered = await twilioRelay.answer(first, dial);
      const relay = await connect(first.baseUrl, offered);
      expect(await relay.said()).toBe('Hello.');
      expect(await relay.answer('First words.')).toBe('You said: First words.');
      const isAsked = model.holdNext();
      relay.send({ type: 'prompt', voicePrompt: 'Second words.', lang: 'en-US', last: true });
      await isAsked;
      await running[0]?.stop('SIGKILL');
      expect(await relay.closed).toBe(1006);

      const second = await start();
      const report = twilioRelayEnd(offered, { SessionStatus: 'failed', ErrorCode: '64105' });
      const next = carrier.read(await bodyOf(second, report));
      expect(next.said).toEqual(['You said: Second words.']);
      const last = await answer(second, next, 'Third words.');
      expect(last.said).toEqual(['You said: Third words.']);
      await reportEnd(second, dial);
      let run: Run;
      do run = await readRun(second.server, account, runId);
      while (!run.is_completed);
      const answers = utterances(run).filter((text) => text.startsWith('You said'));
      expect(answers).toEqual([
        'You said: First words.',
        'You said: Second words.',
        'You said: Third words.',
      ]);
      expect(run.status).toBe('completed');
    } finally {
      for (const process of running) await process.stop('SIGKILL');
      await vendor.close();
      await model.close();
      rmSync(folder, { recursive: true });
    }
  },
);
