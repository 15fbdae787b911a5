/**
 * scrypt in a thread of its own, at the lowest priority: a hash takes a fifth of a second of a processor, and anybody may ask
 * for one by logging in. On a machine whose processors are all busy, calls go first and log-ins wait.
 *
 * Linux gives each thread a priority of its own; elsewhere the thread runs like the others.
 * Source: https://man7.org/linux/man-pages/man2/setpriority.2.html
 */
import type { ScryptOptions } from 'node:crypto';
import { Worker } from 'node:worker_threads';

export interface Hashing {
  password: string;
  salt: Buffer;
  keyBytes: number;
  options: ScryptOptions;
}

/** A thread that nobody has asked for so long is ended, in milliseconds: it holds 10 MB. */
const idleMilliseconds = 10_000;

/** A text and not a file, so that the thread needs no path: the sources run compiled and, in tests, as they are. */
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

interface Asked {
  resolve(key: Buffer): void;
  reject(error: Error): void;
}

let thread: Worker | null = null;
let asked: Asked | null = null;
let idle: NodeJS.Timeout | undefined;

/**
 * One at a time: the caller waits for each answer before the next question.
 * @throws when the thread ends before it has answered, for want of memory say. The next hash begins another one.
 */
export async function hashInThread(hashing: Hashing): Promise<Buffer> {
  clearTimeout(idle);
  const working = (thread ??= startThread());
  // The process waits for an answer, and for no idle thread.
  working.ref();
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      asked = { resolve, reject };
      working.postMessage(hashing);
    });
  } finally {
    asked = null;
    working.unref();
    idle = setTimeout(() => {
      thread = null;
      void working.terminate();
    }, idleMilliseconds).unref();
  }
}

function startThread(): Worker {
  // What the process was told to load first (`--require`) is for the process.
  const started = new Worker(program, { eval: true, execArgv: [] });
  const ended = (error: Error) => {
    if (thread !== started) return;
    thread = null;
    asked?.reject(error);
  };
  return started
    .on('message', (key: Uint8Array) => asked?.resolve(Buffer.from(key)))
    .on('error', ended)
    .on('exit', () => {
      ended(new Error('The thread that hashes passwords has ended'));
    });
}
