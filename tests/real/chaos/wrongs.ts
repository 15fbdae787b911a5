/** What may not be, at any moment and whatever happened. */
import { slots, type Cluster } from './cluster';

/** The watchdog looks every 15 s, and a paused machine may have been the one that looks. */
const longestOverdueMilliseconds = 60_000;

/** @returns in words, what is wrong; none: all is well. */
export async function wrongs(cluster: Cluster): Promise<string[]> {
  return [
    ...cluster.deaths,
    ...cluster.standstills,
    ...cluster.callers.wrongReplies,
    ...cluster.phones.strangeReplies,
    ...(await lostRuns(cluster)),
    ...dialledTwice(cluster),
    ...dialledLate(cluster),
    ...passedLimits(cluster),
    ...(await lostSlots(cluster)),
    ...(await cluster.watch.wrongCounters()),
    ...toldTwice(cluster),
  ];
}

/** Once nobody calls any more, every run ends. */
export async function openRuns({ watch }: Cluster): Promise<string[]> {
  return (await watch.unfinishedRuns()).map(({ id }) => `run ${String(id)} goes on`);
}

/** Whoever got a run is told of its end. */
export async function untoldEnds(cluster: Cluster): Promise<string[]> {
  const told = new Set(cluster.events().map(({ run }) => run));
  const untold = cluster.callers.calls.flatMap(({ run }) => (run === null || told.has(run) ? [] : [run]));
  const deliveries = await cluster.watch.deliveries(untold);
  return untold.map(
    (run) => `the end of run ${String(run)} was not told: ${deliveries.get(run) ?? 'no delivery'}`,
  );
}

async function lostRuns({ callers, watch, phones }: Cluster): Promise<string[]> {
  const acknowledged = callers.calls.flatMap(({ run }) => (run === null ? [] : [run]));
  const missing = await watch.missing(acknowledged);
  const byNumber = new Map(phones.calls.map((call) => [call.to, call]));
  const keys = new Map<number, string>();
  const found = missing.map((run) => `run ${String(run)} was acknowledged and is lost`);
  for (const { key, to, run, status } of callers.calls) {
    if (run === null) continue;
    const other = keys.get(run);
    if (other !== undefined) found.push(`run ${String(run)} is the reply to ${other} and to ${key}`);
    keys.set(run, key);
    const dialled = byNumber.get(to);
    if (status === 200 && dialled === undefined)
      found.push(`${key} was never dialled, and its reply was 200`);
    if (status === 400 && dialled !== undefined)
      found.push(`${key} was dialled, and its reply was that nobody was called`);
    if (dialled !== undefined && dialled.run !== run) {
      found.push(`${key} has run ${String(run)}, and was dialled for run ${String(dialled.run)}`);
    }
  }
  return found;
}

function dialledTwice({ phones }: Cluster): string[] {
  const found: string[] = [];
  for (const of of ['run', 'to'] as const) {
    const seen = new Set<number | string>();
    for (const call of phones.calls) {
      if (seen.has(call[of])) found.push(`${of} ${String(call[of])} was dialled twice`);
      seen.add(call[of]);
    }
  }
  if (phones.hangUps() > 0) found.push(`${String(phones.hangUps())} calls were hung up by a server`);
  return found;
}

function dialledLate({ phones, heldUp }: Cluster): string[] {
  const late = phones.calls.filter(({ run }) => heldUp.has(run));
  return late.map(
    ({ run }) => `run ${String(run)} was dialled although its server had been held up for too long`,
  );
}

function passedLimits({ watch, phones }: Cluster): string[] {
  const counts = { 'unfinished runs': watch.mostUnfinished, 'calls at the carrier': phones.mostUnderWay };
  return Object.entries(counts)
    .filter(([, most]) => most > slots)
    .map(([what, most]) => `${String(most)} ${what} at once, of ${String(slots)}`);
}

/** A slot is kept by a call that the carrier has, by one whose end is not known yet, and by a dial that was never made. */
async function lostSlots({ watch, phones }: Cluster): Promise<string[]> {
  const underWay = () => new Set(phones.calls.filter(({ hasEnded }) => !hasEnded).map(({ run }) => run));
  const before = underWay();
  const known = new Set(phones.calls.filter(({ isEndKnown }) => isEndKnown).map(({ run }) => run));
  const unfinished = await watch.unfinishedRuns();
  const after = underWay();
  const rows = new Set(unfinished.map(({ id }) => id));
  const ended = [...before].filter((run) => after.has(run) && !rows.has(run));
  const late = Date.now() - longestOverdueMilliseconds;
  const kept = unfinished.filter(({ id, deadline }) => known.has(id) || deadline.getTime() < late);
  return [
    ...ended.map((run) => `run ${String(run)} has ended, and its call goes on`),
    ...kept.map(({ id }) => `run ${String(id)} keeps its slot, although its call is over`),
  ];
}

function toldTwice(cluster: Cluster): string[] {
  const deliveries = new Map<number, string>();
  const found: string[] = [];
  for (const { run, delivery } of cluster.events()) {
    const other = deliveries.get(run) ?? delivery;
    if (other !== delivery) found.push(`the end of run ${String(run)} was told under two ids`);
    deliveries.set(run, delivery);
  }
  return found;
}
