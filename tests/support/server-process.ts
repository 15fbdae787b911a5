/** Starts the real server as a process, on a free port. Run `tsc -b trigger-server` first. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const dist = join(__dirname, '../../trigger-server/dist');

export interface ServerProcess {
  baseUrl: string;
  /** Its standard output. */
  output: string;
  child: ChildProcess;
  /** Sends the signal and waits for the end. Returns the exit code, or the signal that ended the process. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null>;
}

/**
 * @param environment variables over a quiet default: port 0, no log.
 * @param limits `script`: of `trigger-server/dist`, in place of `main.js`; `logFile`: a file descriptor that the log goes to, in place of what a failed start is told by;
 *   `openFiles`: how many files and sockets it may have open (ulimit -n); `preload`: a module that it loads first, and that
 *   this process can talk with; `within`: a program, with its arguments, that becomes the command after them;
 *   `whileStarting` is given the process at once, before it listens.
 */
export async function startServerProcess(
  environment: Record<string, string>,
  {
    script = 'main.js',
    logFile,
    openFiles,
    preload,
    within = [],
    whileStarting,
  }: {
    script?: string;
    logFile?: number;
    openFiles?: number;
    preload?: string;
    within?: readonly string[];
    whileStarting?: (child: ChildProcess) => void;
  } = {},
): Promise<ServerProcess> {
  const command = [
    ...within,
    process.execPath,
    ...(preload === undefined ? [] : ['--require', preload]),
    join(dist, script),
  ];
  const [program = '', ...programArguments] =
    openFiles === undefined
      ? command
      : ['sh', '-c', `ulimit -n ${String(openFiles)}; exec "$0" "$@"`, ...command];
  const child = spawn(program, programArguments, {
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', logFile ?? 'pipe', ...(preload === undefined ? [] : ['ipc' as const])],
  }) as ChildProcess & { stdout: Readable };
  whileStarting?.(child);
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
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
