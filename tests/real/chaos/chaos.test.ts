/**
 * Two servers on one PostgreSQL, behind a load balancer, under faults and load. `CHAOS_FAULTS=100 CHAOS_SEED=7 npm run
 * test:chaos` makes more faults, at other moments.
 */
import { sleep } from '@dograh-trigger/shared/axios';
import { randomFrom } from '../../support/seeded-random';
import { Cluster, slots } from './cluster';
import { faults, recovery } from './faults';
import { Report } from './report';
import { openRuns, untoldEnds, wrongs } from './wrongs';

const { CHAOS_FAULTS = '16', CHAOS_SEED = '1' } = process.env;
const wanted = Number(CHAOS_FAULTS);
/** More than there are slots, so that the limit is always reached. */
const callersAtOnce = 28;
/** A run whose dial was never made is ended by the watchdog, after 66 s and a round. */
const longestEndSeconds = 150;

/** Waits until nothing is left, for a while. @returns what is left. */
async function inTheEnd(left: () => Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + longestEndSeconds * 1000;
  for (;;) {
    const found = await left();
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(500);
  }
}

test(
  `${CHAOS_FAULTS} faults under load lose no call, dial nobody twice, pass no limit, keep no slot, and every end is told under one id`,
  async () => {
    const random = randomFrom(Number(CHAOS_SEED));
    const names = Object.keys(faults);
    const cluster = await Cluster.open(random);
    const report = new Report(names);
    let isDone = false;
    try {
      const { callers, phones } = cluster;
      callers.start(callersAtOnce);
      for (let count = 0; count < wanted; count += 1) {
        const name = names[count % names.length] ?? '';
        const before = { dials: phones.calls.length, events: cluster.events().length };
        callers.takeCounts();
        const from = await faults[name]?.(cluster, random, Math.floor(count / names.length));
        const recovered = await recovery(cluster, from ?? 0);
        await sleep(2000);
        report.add(name, callers.takeCounts(), {
          dials: phones.calls.length - before.dials,
          events: cluster.events().length - before.events,
          recoveryMilliseconds: recovered,
        });
        expect([name, await wrongs(cluster)]).toEqual([name, []]);
      }

      await callers.stop();
      expect(await inTheEnd(() => openRuns(cluster))).toEqual([]);
      expect(await inTheEnd(() => untoldEnds(cluster))).toEqual([]);
      expect(await wrongs(cluster)).toEqual([]);

      phones.areHeld = true;
      const last = Array.from({ length: slots }, () => callers.newCall());
      for (const call of last) expect((await callers.send(call))?.status).toBe(200);
      expect((await callers.send(callers.newCall()))?.status).toBe(429);
      expect(await wrongs(cluster)).toEqual([]);
      process.stderr.write(report.table(CHAOS_SEED));
      isDone = true;
    } finally {
      await cluster.close(!isDone);
      if (!isDone) process.stderr.write(`${report.table(CHAOS_SEED)}The logs are in ${cluster.folder}\n`);
    }
  },
  wanted * 90_000 + 400_000,
);
