/** Ends the programs of this suite. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
