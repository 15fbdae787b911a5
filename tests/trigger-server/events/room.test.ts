/** The number of events under way to a receiver depends on its answers. */
import { receiverOf } from '../../../trigger-server/src/events/deliveries/receiver';
import { Room } from '../../../trigger-server/src/events/deliveries/room';

const quick = { isGood: true, durationMilliseconds: 100 };
const slow = { isGood: true, durationMilliseconds: 1000 };
const bad = { isGood: false, durationMilliseconds: 100 };

const address = (organizationId: number, host: string, path: string) =>
  receiverOf(organizationId, `https://${host}/${path}`);
const one = address(1, 'one.example.com', 'hook');

/** Takes all the free room for a receiver. @returns how much that was. */
function fill(room: Room, receiver: string): number {
  let taken = 0;
  for (; room.leftFor(receiver) > 0; taken += 1) room.take(receiver);
  return taken;
}

function answerAll(room: Room, receiver: string, count: number, answer: typeof quick): void {
  for (let left = count; left > 0; left -= 1) {
    room.learn(receiver, answer);
    room.leave(receiver);
  }
}

/** Fills the room and answers everything, `count` times. @returns the number of events under way each time. */
function rounds(room: Room, receiver: string, count: number, answer: typeof quick): number[] {
  return Array.from({ length: count }, () => {
    const taken = fill(room, receiver);
    answerAll(room, receiver, taken, answer);
    return taken;
  });
}

test('a receiver that answers well and at once is sent more at a time, up to 64', () => {
  const sizes = rounds(new Room(), one, 20, quick);
  expect(sizes[0]).toBe(4);
  expect(sizes[1]).toBeGreaterThan(4);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizes.at(-1)).toBe(64);
});

test('one that fails is sent fewer at a time, down to one, and more again once it answers', () => {
  const room = new Room();
  rounds(room, one, 20, quick);
  expect(rounds(room, one, 2, bad)).toEqual([64, 1]);
  expect(rounds(room, one, 4, quick)).toEqual([1, 2, 3, 5]);
});

test('one that takes a second to answer is sent no more at a time', () => {
  expect(rounds(new Room(), one, 3, slow)).toEqual([4, 4, 4]);
});

test('one that has little to do has not shown that it can do more', () => {
  const room = new Room();
  for (let event = 0; event < 100; event += 1) {
    room.take(one);
    answerAll(room, one, 1, quick);
  }
  expect(fill(room, one)).toBe(4);
});

test('however many fail at a host, its other addresses have the room that they had at first', () => {
  const room = new Room();
  for (let path = 0; path < 50; path += 1) {
    rounds(room, address(1, 'hooks.example.com', `failing-${String(path)}`), 2, bad);
  }
  expect(fill(room, address(1, 'hooks.example.com', 'other'))).toBe(4);
});

test('a receiver that hangs after it was quick leaves room for others at its host, of its organization, and of others', () => {
  const room = new Room();
  rounds(room, one, 20, quick);
  expect(fill(room, one)).toBe(64);
  expect(fill(room, address(1, 'one.example.com', 'other'))).toBeGreaterThanOrEqual(4);
  expect(fill(room, address(1, 'two.example.com', 'hook'))).toBeGreaterThanOrEqual(4);
  expect(fill(room, address(2, 'one.example.com', 'hook'))).toBeGreaterThanOrEqual(4);
});

test('all of an organization’s receivers, however quick, leave a quarter of the room to others', () => {
  const room = new Room();
  const hosts = Array.from({ length: 10 }, (_, n) => address(1, `${String(n)}.example.com`, 'hook'));
  for (const host of hosts) rounds(room, host, 20, quick);
  const taken = hosts.reduce((sum, host) => sum + fill(room, host), 0);
  expect(taken).toBe(96);
  expect(room.left()).toBe(32);
});
