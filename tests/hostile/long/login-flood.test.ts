/** A flood of log-ins, by somebody without an account. */
import { acceptDials, startCallingProcess, type CallingProcess } from '../calling-process';

let server: CallingProcess;
afterEach(() => server.close());

test('beside 100 connections that log in all the time, every call is placed', async () => {
  // A host name, which must be looked up for each connection to the carrier.
  server = await startCallingProcess(acceptDials(), { carrierHost: 'localhost' });
  let isOver = false;
  const statuses = new Map<number, number>();
  const flood = Array.from({ length: 100 }, async (_, client) => {
    for (let attempt = 0; !isOver; attempt += 1) {
      const credentials = { email: `${String(client)}.${String(attempt)}@example.com`, password: 'a guess' };
      const { status, headers } = await server.send('POST', '/auth/login', credentials);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });
  const placed: number[] = [];
  // Only some at a time, because each needs its own connections.
  for (let round = 0; round < 3; round += 1) {
    const calls = await Promise.all(Array.from({ length: 10 }, () => server.trigger()));
    placed.push(...calls.map(({ status }) => status));
  }
  isOver = true;
  await Promise.all(flood);
  expect(placed).toEqual(Array<number>(30).fill(200));
  expect([...statuses.keys()].sort()).toEqual([401, 429]);
});

test('of 100 connections that sign up at once, each gets an account or a 429', async () => {
  server = await startCallingProcess(acceptDials(), { environment: { SIGNUP_ENABLED: 'true' } });
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, client) =>
      server.send('POST', '/auth/signup', {
        email: `${String(client)}@example.com`,
        password: 'correct horse',
      }),
    ),
  );
  const statuses = replies.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  for (const { status, headers } of replies) expect(headers.has('retry-after')).toBe(status === 429);
});
