/**
 * How many events a second reach a receiver with a backlog. A receiver that answers at once is compared with a bare loop of
 * signed POSTs to it, in turns within one run. A receiver that takes 100 ms has an absolute target. Prints a table and
 * JSON, and fails below its targets.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Libsql from 'libsql';
import { apiKey, withProcesses } from './measure.mjs';

const events = Number(process.env.BENCH_EVENTS ?? 3000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const slowMilliseconds = 100;
const targets = { ofBareLoop: 0.5, slowPerSecond: 200 };

const readJson = async (url, options) => (await fetch(url, options)).json();

/** Waits until the receiver has this many events since the last call. @returns how many arrived per second. */
async function rateAt(receiver, expected) {
  for (;;) {
    const { count, seconds } = await readJson(receiver.url);
    if (count >= expected) {
      await readJson(`${receiver.url}/reset`);
      return Math.round((count - 1) / seconds);
    }
    await pause(20);
  }
}

/** Places a call whose end is sent to the receiver, and waits for the event. */
async function callFor(trigger, receiver) {
  const reply = await fetch(trigger, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify({ phone_number: '+14155550100', callback_url: `${receiver.url}/events` }),
  });
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  await rateAt(receiver, 1);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

await withProcesses(async ({ start, startServer, folder }) => {
  const quick = await start('./receiver.cjs', ['0']);
  const slow = await start('./receiver.cjs', [String(slowMilliseconds)]);
  const bare = await start('./bare-posts.cjs');
  const server = await startServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  const [, trigger] = /POST (\S+)/.exec(server.output);
  const database = new Libsql(join(folder, 'bench.db'), { timeout: 10_000 });

  /** Inserts events as after a long stop of the server: all due, none rendered yet. */
  const owe = (receiver) => {
    const copies = database.prepare(`
      INSERT INTO webhook_deliveries (uuid, receiver, attempt_count, attempts_before_retry, created_at, next_attempt_at,
        status, organization_id, run_id, source, request)
      WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)
      SELECT lower(hex(randomblob(16))), receiver, 0, 0, created_at, created_at, 'pending', organization_id, run_id,
        source, request
      FROM copies, (SELECT * FROM webhook_deliveries WHERE request LIKE ? LIMIT 1)`);
    copies.run([events, `%${receiver.url}/%`]);
  };
  const deliver = async (receiver) => {
    const before = await server.cpu();
    owe(receiver);
    const perSecond = await rateAt(receiver, events);
    return { perSecond, cpuMicroseconds: Math.round(((await server.cpu()) - before) / events) };
  };
  await callFor(trigger, quick);
  await callFor(trigger, slow);
  const { body } = database.prepare('SELECT body FROM webhook_deliveries LIMIT 1').get();
  const loop = async () => {
    const before = await bare.cpu();
    const url = `${bare.url}/?count=${events}&url=${encodeURIComponent(`${quick.url}/events`)}`;
    const { seconds } = await readJson(url, { method: 'POST', body });
    await rateAt(quick, events);
    return {
      perSecond: Math.round(events / seconds),
      cpuMicroseconds: Math.round(((await bare.cpu()) - before) / events),
    };
  };
  const turns = { events: [], loop: [], slow: [] };
  // The first turn of each is a warm-up.
  for (let round = 0; round <= rounds; round += 1) {
    const measured = { events: await deliver(quick), loop: await loop(), slow: await deliver(slow) };
    for (const [name, turn] of Object.entries(measured)) if (round > 0) turns[name].push(turn);
  }
  database.close();
  const row = (name, of) => ({
    name,
    perSecond: median(of.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(of.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  });
  const rows = [
    row('events to a receiver that answers at once', turns.events),
    row('a bare loop of signed POSTs to it', turns.loop),
    row(`events to a receiver that takes ${slowMilliseconds} ms`, turns.slow),
  ];
  const ofBareLoop = Number(
    median(turns.events.map((turn, round) => turn.perSecond / turns.loop[round].perSecond)).toFixed(3),
  );
  const title = 'Events a second to one receiver';
  console.log(title);
  console.table(rows);
  console.log(JSON.stringify({ title, events, rounds, rows, ofBareLoop, targets }));
  const slowPerSecond = rows[2].perSecond;
  if (ofBareLoop >= targets.ofBareLoop && slowPerSecond >= targets.slowPerSecond) return;
  console.error(
    `${title}: ${ofBareLoop} of the bare loop, ${slowPerSecond} to the slow one: below the targets`,
  );
  process.exitCode = 1;
});
