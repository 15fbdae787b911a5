/** Text to speech by a command of the operator: text on standard input, WAV on standard output. */
import { spawn } from 'node:child_process';
import { toTelephoneWav } from './wav';

export interface SpeechLimits {
  milliseconds: number;
  bytes: number;
}

const usualLimits: SpeechLimits = { milliseconds: 10_000, bytes: 32 * 1024 * 1024 };

/** Not the server's environment, which contains its secrets. A program outside this PATH needs its whole path. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

const keptSounds = 8;
const sounds = new Map<string, Promise<Buffer>>();

/**
 * The text as a WAV for the telephone. The last few are cached: Asterisk may request a sound several times, and many
 * calls may have the same announcement.
 * @throws Error when the command fails, takes too long or writes too much.
 */
export function speak(command: readonly string[], text: string): Promise<Buffer> {
  const key = JSON.stringify([command, text]);
  const kept = sounds.get(key);
  if (kept !== undefined) return kept;
  const sound = synthesize(command, text).then(toTelephoneWav);
  sounds.set(key, sound);
  for (const oldest of [...sounds.keys()].slice(0, -keptSounds)) sounds.delete(oldest);
  sound.catch(() => {
    sounds.delete(key);
  });
  return sound;
}

/**
 * Runs the command without a shell.
 * @param command a program and its arguments.
 */
export function synthesize(
  [program = '', ...programArguments]: readonly string[],
  text: string,
  limits = usualLimits,
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
        error.name === 'AbortError'
          ? 'took too long'
          : 'could not be run; it is the program that turns text into speech';
      reject(new Error(`The TTS_COMMAND ${what}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else
        reject(
          new Error(
            `The TTS_COMMAND failed (${bytes > limits.bytes ? 'too much sound' : (signal ?? String(code))})`,
          ),
        );
    });
    // A broken pipe on either side ends the command, and its exit code shows that.
    child.stdin.on('error', () => undefined);
    child.stdout.on('error', () => undefined);
    child.stdin.end(text);
  });
}
