/**
 * kill -9 at critical moments, with clients that repeat their requests and a carrier that repeats its reports: nobody
 * is dialled twice, every call ends, every end has one delivery, and no slot is lost. `KILLS=100 KILL_SEED=7 npm run
 * test:hostile -- --testPathPatterns kills` makes more kills, at other moments.
 */
import { sleep } from '@dograh-trigger/shared/axios';
import { randomFrom, type Random } from '../../support/seeded-random';
import type { CallEvent } from '../../support/vendors/vendor';
import { CutOffError, KillStage, slots, type Reply, type CallRequest } from '../kill-stage';

const { KILLS = '20', KILL_SEED = '1' } = process.env;
const kills = Number(KILLS);
const batchSize = 8;
/** A kill while nothing was under way does not count and is repeated, at most this many times. */
const mostTries = 10;

/** Kills the server at a certain moment. @returns whether work was under way then. */
type Kill = (stage: KillStage, random: Random) => Promise<boolean>;

/** Sends all requests, a little apart, and kills at the first reply: requests without a reply were under way. */
async function killAmong(
  stage: KillStage,
  random: Random,
  sends: (() => Promise<unknown>)[],
): Promise<boolean> {
  let killed: Promise<void> | undefined;
  const outcomes = await Promise.allSettled(
    sends.map(async (send) => {
      await sleep(random() * 6);
      await send();
      killed ??= stage.kill();
    }),
  );
  await (killed ?? stage.kill());
  const cutOff = outcomes.filter((outcome) => outcome.status === 'rejected');
  for (const { reason } of cutOff) if (!(reason instanceof CutOffError)) throw reason;
  return cutOff.length > 0 && cutOff.length < sends.length;
}

/** Calls that the carrier has taken. */
async function placedCalls(stage: KillStage, count = batchSize): Promise<CallRequest[]> {
  const requests = Array.from({ length: count }, () => stage.newRequest());
  const replies = await Promise.all(requests.map((request) => stage.insist(request)));
  for (const { status, text } of replies) expect([status, text]).toEqual([200, expect.any(String)]);
  return requests;
}

function whileReporting(event: CallEvent, ...before: CallEvent[]): Kill {
  return async (stage, random) => {
    const dials = (await placedCalls(stage)).flatMap((request) => stage.dialsOf(request));
    await Promise.all(dials.map((dial) => stage.insistOnReport(dial, ...before)));
    return killAmong(
      stage,
      random,
      dials.map((dial) => () => stage.report(dial, event)),
    );
  };
}

/** A dial that the carrier has read and not answered. */
async function heldDial(stage: KillStage) {
  stage.carrier.play('late');
  const isCutOff = stage.trigger(stage.newRequest()).then(
    () => false,
    (error: unknown) => error instanceof CutOffError,
  );
  return { isCutOff, answer: await stage.carrier.held() };
}

const moments: Record<string, Kill> = {
  'while calls are asked for': (stage, random) =>
    killAmong(
      stage,
      random,
      Array.from({ length: batchSize }, () => stage.newRequest()).map(
        (request) => () => stage.trigger(request),
      ),
    ),
  'while calls are asked for again': async (stage, random) =>
    killAmong(
      stage,
      random,
      (await placedCalls(stage)).map((request) => () => stage.trigger(request)),
    ),
  'before the carrier answers a dial': async (stage) => {
    const { isCutOff } = await heldDial(stage);
    await stage.kill();
    return isCutOff;
  },
  'after the carrier has answered, and before the reply': async (stage, random) => {
    const { isCutOff, answer } = await heldDial(stage);
    answer();
    await sleep(random() * 2);
    await stage.kill();
    return isCutOff;
  },
  'while the carrier reports ringing': whileReporting('ringing'),
  'while the carrier reports answers': whileReporting('answered', 'ringing'),
  'while the carrier reports ends': whileReporting('completed', 'ringing', 'answered'),
  'while a receiver has an event': async (stage) => {
    const [request] = await placedCalls(stage, 1);
    stage.receiver.status = null;
    const came = stage.receiver.next();
    for (const dial of request === undefined ? [] : stage.dialsOf(request)) {
      await stage.insistOnReport(dial, 'answered', 'completed');
    }
    await came;
    await stage.kill();
    stage.receiver.status = 200;
    return true;
  },
  'while the carrier has a cancellation': async (stage) => {
    const request = stage.newRequest();
    const { headers } = await stage.insist(request);
    for (const dial of stage.dialsOf(request)) await stage.insistOnReport(dial, 'ringing', 'answered');
    const held = stage.carrier.holdRequest();
    const isCutOff = stage.send('POST', `${headers.get('location') ?? ''}/cancel`).then(
      () => false,
      (error: unknown) => error instanceof CutOffError,
    );
    const answer = await held;
    await stage.kill();
    answer();
    return isCutOff;
  },
  'while the next server takes up calls': async (stage) => {
    await placedCalls(stage);
    const { isCutOff } = await heldDial(stage);
    await stage.kill();
    const hasTakenUp = await stage.killWhileStarting();
    return (await isCutOff) && hasTakenUp;
  },
};

/** The run in the reply to a trigger request, whose outcome is known or unknown. */
function runOf({ status, headers, text }: Reply): number {
  if (status !== 200 && status !== 504)
    throw new Error(`A call was answered with ${String(status)}: ${text}`);
  return Number(/\/runs\/(\d+)$/.exec(headers.get('location') ?? '')?.[1]);
}

/** Every client gets its reply, and the carrier reports on all of its calls. */
async function settle(stage: KillStage, requests: readonly CallRequest[]): Promise<number[]> {
  return Promise.all(
    requests.map(async (request) => {
      const run = runOf(await stage.insist(request));
      for (const dial of stage.dialsOf(request)) {
        await stage.insistOnReport(dial, 'ringing', 'answered', 'completed');
      }
      return run;
    }),
  );
}

/** Kills once, so that it counts. @returns the runs of the calls. */
async function killOnce(stage: KillStage, random: Random, moment: string): Promise<number[]> {
  const runs: number[] = [];
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const first = stage.requests.length;
    const counts = await moments[moment]?.(stage, random);
    await stage.restart();
    runs.push(...(await settle(stage, stage.requests.slice(first))));
    if (counts === true) return runs;
  }
  throw new Error(`No kill ${moment} met anything under way`);
}

test(
  `${KILLS} kills lose no call, dial nobody twice, and leave every slot free`,
  async () => {
    const random = randomFrom(Number(KILL_SEED));
    const names = Object.keys(moments);
    const stage = await KillStage.open();
    try {
      const runs: number[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        runs.push(...(await killOnce(stage, random, names[kill % names.length] ?? '')));
      }
      expect(new Set(runs).size).toBe(stage.requests.length);

      // No carrier reports on a dial that was never made, so the watchdog ends its run.
      for (const run of runs) {
        for (;;) {
          const { text } = await stage.send('GET', `/api/v1/workflow/1/runs/${String(run)}`);
          if ((JSON.parse(text) as { is_completed: boolean }).is_completed) break;
          await sleep(500);
        }
      }
      // An event that was under way at a kill is sent again when its lease has ended.
      const told = () => new Set(stage.events().map(({ run }) => run));
      while (told().size < runs.length) await stage.receiver.next();
      expect(told()).toEqual(new Set(runs));
      const deliveries = new Set(stage.events().map(({ run, delivery }) => `${String(run)} ${delivery}`));
      expect(deliveries.size).toBe(runs.length);

      const dials = stage.requests.map((request) => stage.dialsOf(request).length);
      expect(Math.max(...dials)).toBe(1);
      await placedCalls(stage, slots);
      expect((await stage.trigger(stage.newRequest())).status).toBe(429);
      process.stderr.write(
        `${KILLS} kills, seed ${KILL_SEED}: ${String(runs.length)} calls, ${String(dials.filter((count) => count > 0).length)} dials, ${String(stage.events().length)} events of ${String(runs.length)} ends.\n`,
      );
    } finally {
      await stage.close();
    }
  },
  kills * 15_000 + 300_000,
);
