/** A server that is killed while events are pending loses none of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import { receiversAllowed, startReceiver, type Receiver } from '../support/webhooks';

const apiKey = `dgr_${'p'.repeat(43)}`;
const calls = 8;

let folder: string;
let receiver: Receiver;
const started: ServerProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pending-events-'));
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop('SIGKILL');
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<ServerProcess> {
  const server = await startServerProcess({
    ...receiversAllowed,
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '5',
  });
  started.push(server);
  return server;
}

/** Calls whose ends are told; gives their runs. */
async function call(server: ServerProcess): Promise<number[]> {
  const path = /production {2}POST \S+(\/api\/v1\/\S+)/.exec(server.output)?.[1] ?? '';
  const replies = Array.from({ length: calls }, async () => {
    const reply = await fetch(`${server.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ phone_number: '+14155550100', callback_url: receiver.url }),
    });
    return ((await reply.json()) as { workflow_run_id: number }).workflow_run_id;
  });
  return Promise.all(replies);
}

/** The run of each event that came, with the delivery id that it came under. */
function received(): { run: number; id: unknown; body: string }[] {
  return receiver.requests.map(({ headers, body }) => ({
    run: (JSON.parse(body.toString()) as CallCompletedEvent).data.id,
    id: headers['webhook-id'],
    body: body.toString(),
  }));
}

test.each<[string, (server: ServerProcess) => Promise<void>]>([
  ['as soon as the calls were placed', () => Promise.resolve()],
  [
    'while receivers keep it waiting',
    async () => {
      receiver.status = null;
      while (receiver.requests.length < 4) await receiver.next();
    },
  ],
  [
    'between the answer of a receiver and its being recorded',
    async () => {
      await receiver.next();
    },
  ],
])(
  'killed %s, it tells every end after its next start, each under one delivery id and with one body',
  async (_moment, until) => {
    const first = await start();
    const runs = await call(first);
    await until(first);
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');
    // What was never answered does not count as delivered.
    const unanswered = receiver.status === null ? receiver.requests.length : 0;
    receiver.status = 200;

    await start();
    const delivered = () => new Set(received().slice(unanswered).map(({ run }) => run));
    while (delivered().size < calls) await receiver.next();
    expect(delivered()).toEqual(new Set(runs));
    const events = received();
    for (const run of runs) {
      const ofRun = events.filter((event) => event.run === run);
      expect(new Set(ofRun.map(({ id }) => id)).size).toBe(1);
      expect(new Set(ofRun.map(({ body }) => body)).size).toBe(1);
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(calls);
  },
  120_000,
);
