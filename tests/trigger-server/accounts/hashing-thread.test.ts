/** The thread that hashes passwords. */
import { randomBytes, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { hashInThread } from '../../../trigger-server/src/accounts/sign-in/hashing-thread';

const cost = { N: 1024, r: 8, p: 1 };

function hashing(options: object = cost) {
  return { password: 'correct horse', salt: randomBytes(16), keyBytes: 32, options };
}

test('its hashes equal those of node:crypto', async () => {
  const asked = hashing();
  const { password, salt, keyBytes } = asked;
  await expect(hashInThread(asked)).resolves.toEqual(scryptSync(password, salt, keyBytes, cost));
});

test('a failed hash rejects with its reason, and the next one succeeds in a new thread', async () => {
  await expect(hashInThread(hashing({ ...cost, N: 3 }))).rejects.toThrow(/scrypt/i);
  await expect(hashInThread(hashing())).resolves.toHaveLength(32);
});

test('on Linux it runs at the lowest priority, and the rest of the process at its own', async () => {
  // Other systems have one priority for all threads: https://man7.org/linux/man-pages/man2/setpriority.2.html
  if (process.platform !== 'linux') return;
  await hashInThread(hashing());
  const priorities = readdirSync('/proc/self/task').map((thread) => niceOf(`/proc/self/task/${thread}/stat`));
  expect(priorities).toContain(19);
  expect(niceOf('/proc/self/stat')).toBeLessThan(19);
});

/** The 19th field. The second one may contain spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function niceOf(file: string): number {
  const afterName = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(afterName[16]);
}
