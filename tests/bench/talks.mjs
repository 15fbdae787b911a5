/**
 * Our own share of a turn, with 50 talks at once: from what was heard to the arrival of the request at the model, and from
 * the model's first piece to the text that is said. What the model takes is not in it. Then 200 talks at once: how long the
 * event loop stops at most, best of three. Prints a table and JSON.
 */
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { withProcesses } from './measure.mjs';

const server = createRequire(import.meta.resolve('../../trigger-server/dist/'));
const { turn } = server('./conversations/engine/turn');
const { newTalk } = server('./conversations/engine/state');
const { usualLimits } = server('./conversations/engine/limits');
const { chatCompletions } = server('./conversations/model/chat-completions');
const { createCarrierHttp } = server('./egress/client');
const { createAddressGuard } = server('./egress/address-guard');
const { createSystemClock, systemChance } = server('./clock');
const { readConfig } = server('./config');

const turns = Number(process.env.BENCH_ROUNDS ?? 5);
const shareTarget = 20;
const stallTarget = 250;

const position = { x: 0, y: 0 };
const label = (name) => ({ label: name, condition: `The callee says: ${name}.` });
const prompt = 'You are Mia of {{company | Acme}}, and ask for the budget of {{user.name}}. '.repeat(20);
const script = {
  definition: {
    nodes: [
      {
        id: '1',
        type: 'startCall',
        position,
        data: { name: 'Start', prompt, greeting: 'Hi {{user.name}}.' },
      },
      { id: '2', type: 'endCall', position, data: { name: 'End', prompt: 'Say goodbye.' } },
    ],
    edges: ['Budget known', 'Wrong number', 'Call later'].map((name, index) => ({
      id: `e${index}`,
      source: '1',
      target: '2',
      data: label(name),
    })),
  },
  tools: [],
  context: { user: { name: 'Ada' } },
  phrases: { filler: 'One moment.', apology: 'Sorry?', closing: 'Goodbye.', goodbye: 'Goodbye.' },
  limits: { ...usualLimits, turns: 1000 },
  canTransfer: false,
  now: new Date(),
};

/** As long as a reply of the fake model takes. People do not all speak at the same moment. */
const spreadMilliseconds = 700;

/** Holds one talk. @param shares collects, for each turn, our share in milliseconds. */
async function talk(model, shares) {
  let state = newTalk();
  const ports = (observed) => ({
    model: observed,
    tools: { run: () => Promise.reject(new Error('there is no tool')) },
    newId: () => 'id',
  });
  ({ state } = await turn(script, state, { kind: 'opening' }, ports(model)));
  for (let count = 0; count < turns; count += 1) {
    const heard = process.hrtime.bigint();
    let share = null;
    const observed = {
      reply: (request, onText) =>
        model.reply(request, (text) => {
          onText?.(text);
          if (share !== null) return;
          const [came, sent] = text.split(' ');
          share = BigInt(came) - heard + (process.hrtime.bigint() - BigInt(sent));
        }),
    };
    const result = await turn(script, state, { kind: 'said', text: 'About five hundred.' }, ports(observed));
    if (share === null) throw new Error(`The model did not answer: ${JSON.stringify(result.events)}`);
    shares.push(Number(share) / 1e6);
    ({ state } = result);
  }
}

async function talks(model, atOnce) {
  const shares = [];
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await Promise.all(
    Array.from({ length: atOnce }, async (_, index) => {
      await setTimeout((index * spreadMilliseconds) / atOnce);
      await talk(model, shares);
    }),
  );
  delay.disable();
  shares.sort((one, other) => one - other);
  return {
    turns: shares.length,
    p50: shares[Math.floor(shares.length * 0.5)],
    p99: shares[Math.floor(shares.length * 0.99)],
    stall: delay.max / 1e6,
  };
}

await withProcesses(async ({ start }) => {
  const { url } = await start('./talking-model.cjs');
  const clock = createSystemClock(0, () => undefined);
  const carrier = createCarrierHttp({ addressGuard: createAddressGuard([]), clock });
  const services = { config: readConfig({}), carrier, clock, chance: systemChance };
  const endpoint = {
    kind: 'compatible',
    url: `${url}/v1/chat/completions`,
    model: 'bench',
    apiKeys: [],
    headers: {},
    isTrusted: true,
  };
  const model = chatCompletions(services, endpoint, 1);
  await talks(model, 50);
  const share = await talks(model, 50);
  const many = [];
  for (let round = 0; round < 3; round += 1) many.push(await talks(model, 200));
  const stall = Math.min(...many.map((round) => round.stall));
  await carrier.close();
  console.table({ '50 at once': share, '200 at once': many.find((round) => round.stall === stall) });
  console.log(JSON.stringify({ benchmark: 'talks', share, many, shareTarget, stallTarget }));
  if (share.p99 > shareTarget || stall > stallTarget) {
    console.error(
      `Target: a share of ${shareTarget} ms at p99, and no stop of the loop beyond ${stallTarget} ms`,
    );
    process.exitCode = 1;
  }
});
