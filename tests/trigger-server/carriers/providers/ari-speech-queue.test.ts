/** The order in which speech is made for the calls through Asterisk. */
import { SpeechQueue, type Need } from '../../../../trigger-server/src/carriers/providers/ari/sound/queue';

/** A queue whose tasks end when the test lets them, and the names of those that have begun. */
function heldQueue(most: number) {
  const queue = new SpeechQueue(most);
  const begun: string[] = [];
  const held = new Map<string, () => void>();
  const add = (name: string, need: () => Need = () => 'later') =>
    queue.run(() => {
      begun.push(name);
      return new Promise<string>((resolve) =>
        held.set(name, () => {
          resolve(name);
        }),
      );
    }, need);
  const finish = async (name: string, task: Promise<string>) => {
    held.get(name)?.();
    await task;
    // The next one begins after those who wait for this one.
    await Promise.resolve();
  };
  return { begun, add, finish };
}

test('runs so many at once, and the others in their order', async () => {
  const { begun, add, finish } = heldQueue(2);
  const first = add('a');
  const second = add('b');
  void add('c');
  void add('d');
  expect(begun).toEqual(['a', 'b']);
  await finish('b', second);
  expect(begun).toEqual(['a', 'b', 'c']);
  await finish('a', first);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('what is needed now overtakes what is needed later, even if it was not needed now at first', async () => {
  const { begun, add, finish } = heldQueue(1);
  const first = add('a');
  void add('b');
  let need: Need = 'later';
  void add('c', () => need);
  need = 'now';
  await finish('a', first);
  expect(begun).toEqual(['a', 'c']);
});

test('what nobody needs any more is not made', async () => {
  const { begun, add, finish } = heldQueue(1);
  const first = add('a');
  const dropped = add('b', () => (begun.length > 0 ? 'none' : 'later'));
  void add('c');
  const refusal = expect(dropped).rejects.toThrow('Nobody needs the speech any more');
  await finish('a', first);
  await refusal;
  expect(begun).toEqual(['a', 'c']);
});

test('a task that fails frees its place', async () => {
  const queue = new SpeechQueue(1);
  const failed = queue.run(
    () => Promise.reject(new Error('no voice')),
    () => 'now',
  );
  const next = queue.run(
    () => Promise.resolve('spoken'),
    () => 'now',
  );
  await expect(failed).rejects.toThrow('no voice');
  expect(await next).toBe('spoken');
});
