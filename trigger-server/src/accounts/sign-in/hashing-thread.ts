/**
 * Runs scrypt in a thread of its own, at the lowest priority. One hash takes a processor 0.2 seconds, and anybody can
 * cause one by logging in. When all processors are busy, calls go first and log-ins wait.
 *
 * Only Linux has a priority per thread. On other systems the thread has the priority of the process.
 * Source: https://man7.org/linux/man-pages/man2/setpriority.2.html
 */
import type { ScryptOptions } from 'node:crypto';
import { Worker } from 'node:worker_threads';

export interface HashRequest {
  password: string;
  salt: Buffer;
  keyBytes: number;
  options: ScryptOptions;
}

/** An idle thread holds 10 MB, so it is ended after this many milliseconds. */
const idleMilliseconds = 10_000;

/**
 * The thread's program is a text, not a file: tests run the sources uncompiled, where the file would have another path.
 */
const program = `
const { parentPort } = require('node:worker_threads');
const { scryptSync } = require('node:crypto');
const { readlinkSync } = require('node:fs');
const { constants, setPriority } = require('node:os');
try {
  const [, thread] = /(\\d+)$/.exec(readlinkSync('/proc/thread-self'));
  setPriority(Number(thread), constants.priority.PRIORITY_LOW);
} catch {
  // No Linux, or not allowed: at the priority of the process.
}
parentPort.on('message', ({ password, salt, keyBytes, options }) => {
  parentPort.postMessage(scryptSync(password, salt, keyBytes, options));
});
`;

interface PendingHash {
  resolve(key: Buffer): void;
  reject(error: Error): void;
}

let thread: Worker | null = null;
let pending: PendingHash | null = null;
let idleTimer: NodeJS.Timeout | undefined;

/**
 * Call it one hash at a time: there is only one thread, and it keeps no queue.
 * @throws Error when the thread ends before the hash is done, for example without memory. The next hash starts a new
 * thread.
 */
export async function hashInThread(request: HashRequest): Promise<Buffer> {
  clearTimeout(idleTimer);
  const working = (thread ??= startThread());
  // Keeps the process alive while a hash runs, but not for an idle thread.
  working.ref();
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      pending = { resolve, reject };
      working.postMessage(request);
    });
  } finally {
    pending = null;
    working.unref();
    idleTimer = setTimeout(() => {
      thread = null;
      void working.terminate();
    }, idleMilliseconds).unref();
  }
}

function startThread(): Worker {
  // Modules that the process preloads (`--require`) are not for this thread.
  const started = new Worker(program, { eval: true, execArgv: [] });
  const onEnd = (error: Error) => {
    if (thread !== started) return;
    thread = null;
    pending?.reject(error);
  };
  return started
    .on('message', (key: Uint8Array) => pending?.resolve(Buffer.from(key)))
    .on('error', onEnd)
    .on('exit', () => {
      onEnd(new Error('The thread that hashes passwords has ended'));
    });
}
