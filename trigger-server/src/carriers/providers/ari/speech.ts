/** Text to speech by a command of the operator: text on standard input, WAV on standard output. */
import { spawn } from 'node:child_process';
import type { Instruction } from '../../port/instructions';
import { announcementOf, speechCommand } from './instructions';
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

/** About an hour of speech. The sounds of calls that ring must stay until these are answered. */
const mostKeptBytes = 64 * 1024 * 1024;
/** The sounds, the least recently used first. `bytes` is 0 while a sound is being made. */
const sounds = new Map<string, { sound: Promise<Buffer>; bytes: number }>();
let keptBytes = 0;

/**
 * The text as a WAV for the telephone. It is cached: it is made while the phone rings and played after the answer,
 * Asterisk may request it several times, and many calls may have the same announcement.
 * @throws Error when the command fails, takes too long or writes too much.
 */
function speak(command: readonly string[], text: string): Promise<Buffer> {
  const key = JSON.stringify([command, text]);
  const kept = sounds.get(key);
  if (kept !== undefined) {
    sounds.delete(key);
    sounds.set(key, kept);
    return kept.sound;
  }
  const made = { sound: synthesize(command, text).then(toTelephoneWav), bytes: 0 };
  sounds.set(key, made);
  made.sound.then(
    ({ length }) => {
      made.bytes = length;
      keptBytes += length;
      forgetUnused();
    },
    () => sounds.delete(key),
  );
  return made.sound;
}

function forgetUnused(): void {
  for (const [key, { bytes }] of sounds) {
    if (keptBytes <= mostKeptBytes) return;
    if (bytes === 0) continue;
    sounds.delete(key);
    keptBytes -= bytes;
  }
}

/** The sound of an announcement; null when nothing is announced. */
export function soundOf(
  instructions: readonly Instruction[],
  { ttsCommand }: { ttsCommand: readonly string[] },
): Promise<Buffer> | null {
  const text = announcementOf(instructions);
  return text === '' ? null : speak(speechCommand(ttsCommand, instructions), text);
}

/**
 * Speaks one word, to see whether the command works.
 * @returns why it does not, in sentences with what to do; null when it does.
 */
export async function findSpeechFault({
  ttsCommand,
}: {
  ttsCommand: readonly string[];
}): Promise<string | null> {
  try {
    await speak(speechCommand(ttsCommand, []), 'Hello');
    return null;
  } catch (error) {
    return `Announcements cannot be spoken. ${sentenceOf(error)} Install espeak-ng on the server, or set TTS_COMMAND to a program that works.`;
  }
}

/** @param error of `speak`. */
export function sentenceOf(error: unknown): string {
  return `${error instanceof Error ? error.message : 'The speech failed'}.`;
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
