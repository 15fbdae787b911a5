/** Text to speech by a command of the operator: text on standard input, WAV on standard output. */
import { spawn } from 'node:child_process';
import type { Instruction } from '../../port/instructions';
import { announcementOf, speechCommand } from './instructions';
import { SpeechQueue, type Need } from './speech-queue';
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
interface Sound {
  sound: Promise<Buffer>;
  /** 0 while the sound is being made. */
  bytes: number;
  /** The needs of all who have asked for it. */
  needs: (() => Need)[];
}

/** The least recently used first. */
const sounds = new Map<string, Sound>();
let keptBytes = 0;

const queue = new SpeechQueue();

/** The commands that were checked. Emptied when any speech fails, so that the next check runs them again. */
const checks = new Map<string, Promise<Buffer>>();

/**
 * The text as a WAV for the telephone. It is cached: it is made while the phone rings and played after the answer,
 * Asterisk may request it several times, and many calls may have the same announcement.
 * @throws Error when the command fails, takes too long or writes too much, or when nobody needs the sound any more.
 */
function speak(command: readonly string[], text: string, need: () => Need): Promise<Buffer> {
  const key = JSON.stringify([command, text]);
  const kept = sounds.get(key);
  if (kept !== undefined) {
    sounds.delete(key);
    sounds.set(key, kept);
    if (kept.bytes === 0) kept.needs.push(need);
    return kept.sound;
  }
  const needs = [need];
  const made: Sound = { sound: make(command, text, () => strongest(needs)), bytes: 0, needs };
  sounds.set(key, made);
  made.sound.then(
    ({ length }) => {
      made.bytes = length;
      made.needs = [];
      keptBytes += length;
      forgetUnused();
    },
    () => {
      sounds.delete(key);
      checks.clear();
    },
  );
  return made.sound;
}

function make(command: readonly string[], text: string, need: () => Need): Promise<Buffer> {
  return queue.run(async () => toTelephoneWav(await synthesize(command, text)), need);
}

function strongest(needs: readonly (() => Need)[]): Need {
  const all = needs.map((need) => need());
  if (all.includes('now')) return 'now';
  return all.includes('later') ? 'later' : 'none';
}

function forgetUnused(): void {
  for (const [key, { bytes }] of sounds) {
    if (keptBytes <= mostKeptBytes) return;
    if (bytes === 0) continue;
    sounds.delete(key);
    keptBytes -= bytes;
  }
}

/**
 * The sound of an announcement; null when nothing is announced.
 * @param need who needs it; asked again until the sound is made.
 */
export function soundOf(
  instructions: readonly Instruction[],
  { ttsCommand }: { ttsCommand: readonly string[] },
  need: () => Need,
): Promise<Buffer> | null {
  const text = announcementOf(instructions);
  return text === '' ? null : speak(speechCommand(ttsCommand, instructions), text, need);
}

/**
 * Speaks one word, to see whether the command works. A command that worked is not run again until a speech fails.
 * @returns why it does not, in sentences with what to do; null when it does.
 */
export async function findSpeechFault({
  ttsCommand,
}: {
  ttsCommand: readonly string[];
}): Promise<string | null> {
  const command = speechCommand(ttsCommand, []);
  const key = JSON.stringify(command);
  const check = checks.get(key) ?? make(command, 'Hello', () => 'later');
  checks.set(key, check);
  try {
    await check;
    return null;
  } catch (error) {
    checks.delete(key);
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
