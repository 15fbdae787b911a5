/**
 * kill -9 between and during the dials of queued calls: each is dialled exactly as often as its run says, none is lost,
 * none is dialled after its `not_after`, and the calls of a key are dialled in their order. `KILLS=40 QUEUED_CALLS=1000
 * KILL_SEED=7 npm run test:hostile -- --testPathPatterns killed-queue` is the long form.
 */
import { sleep } from '@dograh-trigger/shared/axios';
import type { Run } from '@dograh-trigger/shared';
import type { ReceivedRequest } from '../../support/local-server';
import { randomFrom } from '../../support/seeded-random';
import { KillStage, slots } from '../kill-stage';

const { KILLS = '6', QUEUED_CALLS = '120', KILL_SEED = '1' } = process.env;
const kills = Number(KILLS);
const calls = Number(QUEUED_CALLS);
/** Every tenth call may only be placed for a while, so that some expire. */
const expiring = 10;

const numberOf = ({ body }: ReceivedRequest) => new URLSearchParams(body.toString('utf8')).get('To') ?? '';

test(
  `${QUEUED_CALLS} queued calls and ${KILLS} kills: each is dialled as often as its run says, in order, in time, and none is lost`,
  async () => {
    const random = randomFrom(Number(KILL_SEED));
    const stage = await KillStage.open({}, 1, { calls_per_second: 50 });
    try {
      const dialledAt = new Map<string, number[]>();
      let underWay = 0;
      stage.carrier.holdDials(async (dial) => {
        dialledAt.set(numberOf(dial), [...(dialledAt.get(numberOf(dial)) ?? []), Date.now()]);
        underWay += 1;
        await sleep(random() * 40);
        underWay -= 1;
        void endCall(stage, dial, random() * 200);
      });

      const begin = Date.now() + Math.max(5000, calls * 60);
      const accepted: { run: number; to: string; notAfter: number | null }[] = [];
      for (let n = 0; n < calls; n += 1) {
        const to = `+1415555${String(1000 + n)}`;
        // Due in the order of arrival, in small steps.
        const notBefore = new Date(begin + Math.floor(n / 4) * 20);
        const notAfter = n % expiring === 0 ? begin + (n * 1000) / 30 : null;
        const reply = await stage.untilAnswered(() =>
          stage.send('POST', stage.path, {
            phone_number: to,
            not_before: notBefore.toISOString(),
            ...(notAfter === null ? {} : { not_after: new Date(notAfter + 1000).toISOString() }),
          }),
        );
        expect([reply.status, reply.text]).toEqual([202, expect.any(String)]);
        const { workflow_run_id: run } = JSON.parse(reply.text) as { workflow_run_id: number };
        accepted.push({ run, to, notAfter: notAfter === null ? null : notAfter + 1000 });
      }

      let counted = 0;
      for (let attempt = 0; counted < kills && attempt < kills * 20; attempt += 1) {
        await sleep(100 + random() * 400);
        // A kill counts if a dial was in flight: the carrier has it, and has not answered.
        if (underWay === 0) continue;
        counted += 1;
        await stage.kill();
        await stage.restart();
      }
      expect(counted).toBe(kills);

      const runs: Run[] = [];
      for (const { run } of accepted) runs.push(await ended(stage, run));
      const dials = accepted.map(({ to }) => dialledAt.get(to)?.length ?? 0);
      expect(Math.max(...dials)).toBe(1);
      const wrong = runs.filter((run, index) => {
        const wasDialled = dials[index] === 1;
        const { notAfter, to } = accepted[index] ?? { notAfter: null, to: '' };
        if (run.status === 'expired') return wasDialled;
        if (notAfter !== null && (dialledAt.get(to)?.[0] ?? 0) > notAfter) return true;
        // Between the claim of a call and its dial lies a moment. A call that was claimed then has an unknown outcome.
        return run.status === 'error' ? run.reason !== 'no_report' : !wasDialled;
      });
      expect(wrong).toEqual([]);
      expect(runs.filter(({ status }) => status === 'queued')).toEqual([]);

      // Dials that begin together may reach the carrier in another order.
      const order = accepted.flatMap(({ to }) => dialledAt.get(to)?.[0] ?? []);
      const late = order.filter((at, index) => index > 0 && at < Math.max(...order.slice(0, index)) - 1000);
      expect(late).toEqual([]);
      const counts = new Map<string, number>();
      for (const { status } of runs) counts.set(status ?? '', (counts.get(status ?? '') ?? 0) + 1);
      process.stderr.write(
        `${KILLS} kills with a dial in flight, seed ${KILL_SEED}: ${String(calls)} calls, ${String(order.length)} dialled once, none twice; ${[...counts].map(([status, count]) => `${status} ${String(count)}`).join(', ')}; ${String(slots)} slots.\n`,
      );
    } finally {
      await stage.close();
    }
  },
  kills * 15_000 + calls * 200 + 300_000,
);

/** The carrier reports the whole call, after a while. */
async function endCall(stage: KillStage, dial: ReceivedRequest, milliseconds: number): Promise<void> {
  await sleep(milliseconds);
  await stage.insistOnReport(dial, 'ringing', 'answered', 'completed').catch(() => undefined);
}

/** No carrier reports on a dial that was never made, so the watchdog ends its run. */
async function ended(stage: KillStage, run: number): Promise<Run> {
  for (;;) {
    const { text } = await stage.send('GET', `/api/v1/workflow/1/runs/${String(run)}`);
    const read = JSON.parse(text) as Run;
    if (read.is_completed) return read;
    await sleep(500);
  }
}
