/** Runs a program of the operator that turns text into sound, or sound into text. */
import { spawn } from 'node:child_process';
import { SpeechQueue, type Need } from './queue';

export interface ProgramLimits {
  milliseconds: number;
  bytes: number;
}

/** A command of the operator, for messages about it. */
export interface Program {
  /** Of the environment. */
  variable: 'TTS_COMMAND' | 'STT_COMMAND';
  /** Part of a sentence, such as `turns text into speech`. */
  does: string;
  /** Of what it writes. */
  tooMuch: string;
  limits: ProgramLimits;
}

/** Not the server's environment, which contains its secrets. A program outside this PATH needs its whole path. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

const queue = new SpeechQueue();

/** Does the task once fewer programs run than the machine has processors. @throws Error as `SpeechQueue.run`. */
export function inTurn<Result>(task: () => Promise<Result>, need: () => Need): Promise<Result> {
  return queue.run(task, need);
}

/**
 * Runs the command without a shell.
 * @param command a program and its arguments. @param input for its standard input. @returns its standard output.
 * @throws Error when it fails, takes too long or writes too much. The message has nothing of what it has written.
 */
export function runProgram(
  { variable, does, tooMuch, limits }: Program,
  [program = '', ...programArguments]: readonly string[],
  input: string | Buffer,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      signal: AbortSignal.timeout(limits.milliseconds),
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limits.bytes) chunks.push(chunk);
      else child.kill('SIGKILL');
    });
    child.on('error', (error) => {
      const what =
        error.name === 'AbortError' ? 'took too long' : `could not be run; it is the program that ${does}`;
      reject(new Error(`The ${variable} ${what}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else
        reject(
          new Error(`The ${variable} failed (${bytes > limits.bytes ? tooMuch : (signal ?? String(code))})`),
        );
    });
    // A broken pipe on either side ends the command, and its exit code shows that.
    child.stdin.on('error', () => undefined);
    child.stdout.on('error', () => undefined);
    child.stdin.end(input);
  });
}
