/** A stop signal cuts off no call that is being placed, and unfinished requests do not delay the stop. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { acceptDials, startCallingProcess, type CallingProcess } from './calling-process';

let server: CallingProcess;
afterEach(() => server.close());

/** A carrier that answers dials only when the test lets it. */
function holdDials() {
  const accept = acceptDials();
  const held: ServerResponse[] = [];
  let seen = (): void => undefined;
  return {
    onDial: (response: ServerResponse) => {
      held.push(response);
      seen();
    },
    dialled: (count: number) =>
      new Promise<void>((resolve) => {
        seen = () => {
          if (held.length === count) resolve();
        };
        seen();
      }),
    answer: () => {
      held.splice(0).forEach(accept);
    },
  };
}

test.each<[string, NodeJS.Signals[]]>([
  ['SIGHUP', ['SIGHUP']],
  ['Ctrl-C that arrives twice', ['SIGINT', 'SIGINT']],
  ['an impatient supervisor', ['SIGTERM', 'SIGTERM', 'SIGINT', 'SIGHUP']],
])('%s cuts nobody off: ten calls that were being placed are answered', async (_name, signals) => {
  const carrier = holdDials();
  server = await startCallingProcess(carrier.onDial);
  const calls = Array.from({ length: 10 }, () => server.trigger());
  await carrier.dialled(10);
  const ended = once(server.process.child, 'exit');
  for (const signal of signals) server.process.child.kill(signal);
  await closedToNewcomers();
  carrier.answer();
  for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
  expect(await ended).toEqual([0, null]);
});

/** A server that drains refuses new connections. */
async function closedToNewcomers(): Promise<void> {
  for (;;) {
    try {
      await fetch(`${server.baseUrl}/api/v1/health`);
    } catch {
      return;
    }
  }
}

test('callers that never finish a request are disconnected first and do not delay the stop; a call is still answered', async () => {
  const carrier = holdDials();
  server = await startCallingProcess(carrier.onDial);
  const call = server.trigger();
  await carrier.dialled(1);
  const beginnings = [
    '',
    'POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\n',
    'POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"em',
  ];
  const stalled = await Promise.all(
    Array.from({ length: 300 }, (_, index) => openConnection(beginnings[index % 3] ?? '')),
  );
  const closed = Promise.all(
    stalled.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
  );
  const ended = once(server.process.child, 'exit');
  server.process.child.kill('SIGTERM');
  await closed;
  carrier.answer();
  expect((await call).status).toBe(200);
  expect(await ended).toEqual([0, null]);
});

async function openConnection(beginning: string): Promise<Socket> {
  const { hostname, port } = new URL(server.baseUrl);
  const socket = connect(Number(port), hostname);
  // A connection that the server breaks may end with a reset.
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(beginning);
  return socket;
}
