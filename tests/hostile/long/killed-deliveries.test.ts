/** A server that is killed while events are pending loses none of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CallCompletedEvent,
  WebhookDelivery,
  WebhookDeliveryDetails,
  WebhookDeliveryPage,
} from '@dograh-trigger/shared';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { receiversAllowed, startReceiver, type Receiver } from '../../support/webhooks';

const apiKey = `dgr_${'p'.repeat(43)}`;
const calls = 8;

interface Stage {
  receiver: Receiver;
  /** Starts the server on the same data each time. */
  start: () => Promise<ServerProcess>;
}

/** A receiver, and a server that may be started again; removed afterwards, whatever happens. */
async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pending-events-'));
  const receiver = await startReceiver();
  const started: ServerProcess[] = [];
  try {
    await play({
      receiver,
      async start() {
        const server = await startServerProcess({
          ...receiversAllowed,
          DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
          BOOTSTRAP_API_KEY: apiKey,
          SANDBOX_STEP_MS: '5',
        });
        started.push(server);
        return server;
      },
    });
  } finally {
    for (const server of started) await server.stop('SIGKILL');
    await receiver.close();
    rmSync(folder, { recursive: true });
  }
}

/** Places calls whose ends cause events. @returns their runs. */
function call(server: ServerProcess, callbackUrl: string): Promise<number[]> {
  const path = /production {2}POST \S+(\/api\/v1\/\S+)/.exec(server.output)?.[1] ?? '';
  const replies = Array.from({ length: calls }, async () => {
    const reply = await fetch(`${server.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify({ phone_number: '+14155550100', callback_url: callbackUrl }),
    });
    return ((await reply.json()) as { workflow_run_id: number }).workflow_run_id;
  });
  return Promise.all(replies);
}

/** The run and the delivery id of each event that arrived. */
function eventsAt(receiver: Receiver) {
  return receiver.requests.map(({ headers, body }) => ({
    run: (JSON.parse(body.toString()) as CallCompletedEvent).data.id,
    id: headers['webhook-id'],
    body: body.toString(),
  }));
}

/** Every delivery with its attempts, as the API shows them. */
async function readDeliveries(server: ServerProcess): Promise<WebhookDeliveryDetails[]> {
  const get = async (path: string): Promise<unknown> => {
    const reply = await fetch(`${server.baseUrl}/api/v1/webhook-deliveries${path}`, {
      headers: { 'X-API-Key': apiKey },
    });
    return reply.json();
  };
  const { deliveries } = (await get('')) as WebhookDeliveryPage;
  return Promise.all(
    deliveries.map(async ({ id }: WebhookDelivery) => (await get(`/${id}`)) as WebhookDeliveryDetails),
  );
}

// At once, because each waits for the lease of what was under way at the kill.
test.concurrent.each<[string, (receiver: Receiver) => Promise<void>]>([
  ['as soon as the calls were placed', () => Promise.resolve()],
  [
    'while a receiver keeps it waiting',
    async (receiver) => {
      receiver.status = null;
      while (receiver.requests.length < 4) await receiver.next();
    },
  ],
  [
    'when a receiver has just answered',
    async (receiver) => {
      // All of them may have come while the calls were placed.
      while (receiver.requests.length < 1) await receiver.next();
    },
  ],
])(
  'killed %s, it tells every end after its next start, each under one delivery id and with one body, and shows every attempt',
  (_moment, until) =>
    onStage(async ({ receiver, start }) => {
      const first = await start();
      const runs = await call(first, receiver.url);
      await until(receiver);
      expect(await first.stop('SIGKILL')).toBe('SIGKILL');
      // What was never answered does not count as delivered.
      const unanswered = receiver.status === null ? receiver.requests.length : 0;
      receiver.status = 200;

      const second = await start();
      const delivered = () =>
        new Set(
          eventsAt(receiver)
            .slice(unanswered)
            .map(({ run }) => run),
        );
      while (delivered().size < calls) await receiver.next();
      expect(delivered()).toEqual(new Set(runs));
      const events = eventsAt(receiver);
      for (const run of runs) {
        const ofRun = events.filter((event) => event.run === run);
        expect(new Set(ofRun.map(({ id }) => id)).size).toBe(1);
        expect(new Set(ofRun.map(({ body }) => body)).size).toBe(1);
      }
      expect(new Set(events.map(({ id }) => id)).size).toBe(calls);

      const deliveries = await readDeliveries(second);
      expect(deliveries).toHaveLength(calls);
      for (const { attempt_count: count, attempts } of deliveries) {
        expect(attempts.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
        // Every receiver that answered accepted the event, so attempts before the last one were cut off.
        for (const attempt of attempts.slice(0, -1)) {
          expect(attempt).toMatchObject({
            status_code: null,
            error: 'The server stopped during this attempt, or could not record its result',
          });
        }
      }
      const cutOff = deliveries.filter(({ attempts }) => attempts.length > 1);
      expect(cutOff.length).toBeGreaterThanOrEqual(unanswered);
    }),
  120_000,
);
