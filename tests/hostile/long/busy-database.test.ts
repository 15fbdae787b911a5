/** Another program locks the database, for example a backup or an open editor. */
import { sleep } from '@dograh-trigger/shared/axios';
import Libsql from 'libsql';
import { acceptDials, startCallingProcess, type CallingProcess } from '../calling-process';

const slowestMilliseconds = 5000;

let server: CallingProcess;
let dials: number;
beforeEach(async () => {
  const accept = acceptDials();
  dials = 0;
  server = await startCallingProcess((response) => {
    dials += 1;
    accept(response);
  });
});
afterEach(() => server.close());

/**
 * Requests calls while the database is locked, one every quarter of a second. @returns the longest wait in
 * milliseconds.
 */
async function callWhileHeld(): Promise<number> {
  const other = new Libsql(server.databaseFile);
  other.exec('BEGIN IMMEDIATE');
  const call = async () => {
    const begun = performance.now();
    const { status, headers, text } = await server.trigger();
    expect([status, JSON.parse(text)]).toEqual([
      503,
      expect.objectContaining({ code: 'database_unavailable' }),
    ]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    return performance.now() - begun;
  };
  const calls: Promise<number>[] = [];
  for (let count = 0; count < 24; count += 1) {
    calls.push(call());
    await sleep(250);
  }
  const waits = await Promise.all(calls);
  other.exec('ROLLBACK');
  other.close();
  return Math.max(...waits);
}

test('while the database is locked, every call is refused within five seconds and dials nobody; afterwards calls work', async () => {
  let slowest = Infinity;
  for (let attempt = 0; attempt < 3 && slowest > slowestMilliseconds; attempt += 1) {
    slowest = Math.min(slowest, await callWhileHeld());
  }
  expect(slowest).toBeLessThanOrEqual(slowestMilliseconds);
  expect(dials).toBe(0);
  expect((await server.trigger()).status).toBe(200);
  expect(dials).toBe(1);
});
