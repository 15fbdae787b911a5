/**
 * A real server process whose wall clock jumps while its monotonic clock does not, as after an NTP step or after a
 * suspend of the machine. No call in progress is hung up, and nobody is dialled twice.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@dograh-trigger/shared/axios';
import { KillStage, type CallRequest } from '../../hostile/kill-stage';
import { installFaketime } from './install';

/** The watchdog runs every 15 s, so it has run after the jump by then. */
const roundMilliseconds = 17_000;

/** Longer than a test takes on a busy machine, and shorter than any jump. */
const longestCallSeconds = 1200;

/** @param play is given what sets the server's wall clock, in hours from the true time. */
async function onStage(play: (stage: KillStage, setClock: (hours: number) => void) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'clocks-'));
  const clockFile = join(folder, 'clock');
  const setClock = (hours: number) => {
    writeFileSync(clockFile, `${hours < 0 ? '-' : '+'}${String(Math.abs(hours))}h\n`);
  };
  setClock(0);
  const environment = {
    LD_PRELOAD: installFaketime(),
    FAKETIME_TIMESTAMP_FILE: clockFile,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  const stage = await KillStage.open(environment, longestCallSeconds);
  try {
    await play(stage, setClock);
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true });
  }
}

/** Answered calls in progress. */
async function livingCalls(stage: KillStage): Promise<{ request: CallRequest; path: string }[]> {
  const calls = Array.from({ length: 5 }, async () => {
    const request = stage.newRequest();
    const { headers } = await stage.insist(request);
    for (const dial of stage.dialsOf(request)) await stage.insistOnReport(dial, 'ringing', 'answered');
    return { request, path: headers.get('location') ?? '' };
  });
  return Promise.all(calls);
}

/** What the server knows of its time, from when it made a run. */
async function hoursOff(stage: KillStage): Promise<number> {
  const { headers } = await stage.insist(stage.newRequest());
  const { text } = await stage.send('GET', headers.get('location') ?? '');
  const { created_at: createdAt } = JSON.parse(text) as { created_at: string };
  return Math.round((Date.parse(createdAt) - Date.now()) / 3_600_000);
}

/** Expects that every call is in progress, at the carrier, too, and that a repeat of its request returns it. */
async function expectAllAlive(
  stage: KillStage,
  calls: readonly { request: CallRequest; path: string }[],
): Promise<void> {
  for (const { request, path } of calls) {
    const run = JSON.parse((await stage.send('GET', path)).text) as object;
    expect(run).toMatchObject({ status: 'answered', is_completed: false });
    const { status, headers } = await stage.trigger(request);
    expect([status, headers.get('location'), headers.get('idempotency-replayed')]).toEqual([
      200,
      path,
      'true',
    ]);
    expect(stage.dialsOf(request)).toHaveLength(1);
  }
  expect(stage.carrier.requests.filter(({ method }) => method === 'POST')).toEqual([]);
}

const jumps: [string, number][] = [
  ['8 hours back', -8],
  ['2 hours ahead', 2],
  ['26 hours ahead', 26],
];

test.concurrent.each(
  jumps.flatMap(([title, hours]) => [
    [`${title} while the server runs`, hours, 'running'],
    [`${title} while no server runs`, hours, 'killed'],
  ]) as [string, number, 'running' | 'killed'][],
)(
  'a clock that is set %s ends no call in progress and dials no repeat, even after kill -9',
  (_title, hours, state) =>
    onStage(async (stage, setClock) => {
      const calls = await livingCalls(stage);
      if (state === 'killed') await stage.kill();
      setClock(hours);
      if (state === 'killed') await stage.restart();
      expect(await hoursOff(stage)).toBe(hours);
      await sleep(roundMilliseconds);
      await expectAllAlive(stage, calls);

      await stage.kill();
      await stage.restart();
      await sleep(roundMilliseconds);
      await expectAllAlive(stage, calls);

      for (const { request, path } of calls) {
        for (const dial of stage.dialsOf(request)) await stage.insistOnReport(dial, 'completed');
        expect(JSON.parse((await stage.send('GET', path)).text)).toMatchObject({ status: 'completed' });
      }
      const told = () => new Set(stage.events().map(({ run }) => run));
      while (told().size < calls.length) await stage.receiver.next();
    }),
  300_000,
);
