/** The real server as its users start it: a process of its own, on a free port. Run `tsc -b trigger-server` first. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const main = join(__dirname, '../../trigger-server/dist/main.js');

export interface ServerProcess {
  baseUrl: string;
  /** What it printed for people. */
  output: string;
  child: ChildProcess;
  /** Sends the signal and waits for the end; gives the exit code, or the signal that ended it. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null>;
}

/**
 * @param environment variables over a quiet default: port 0, no log.
 * @param preload a module that the process loads first, and that this one can talk with.
 */
export async function startServerProcess(
  environment: Record<string, string>,
  preload?: string,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...(preload === undefined ? [] : ['--require', preload]), main], {
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : ['ipc' as const])],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The server has no output');
  const errors: string[] = [];
  stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('listens on')) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`The server did not start: ${errors.join('')}`));
    });
  });
  const baseUrl = /listens on (\S+)/.exec(output)?.[1] ?? '';
  return {
    baseUrl,
    output,
    child,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code, endedBy] = (await ended) as [number | null, string | null];
      return code ?? endedBy;
    },
  };
}
