/** Text to speech by a command of the operator: text on standard input, WAV on standard output. */
import type { Clock } from '../../../clock';
import type { Instruction } from '../../port/instructions';
import { announcementOf, speechCommand } from './instructions';
import { inTurn, runProgram, type Program } from './sound/program';
import type { Need } from './sound/queue';
import { toTelephoneWav } from './sound/wav';

const program: Program = {
  variable: 'TTS_COMMAND',
  does: 'turns text into speech',
  tooMuch: 'too much sound',
  limits: { milliseconds: 10_000, bytes: 32 * 1024 * 1024 },
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
  return inTurn(async () => toTelephoneWav(await synthesize(command, text)), need);
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

/** How long a callee waits at most for what was not spoken before. */
const mostSilenceMilliseconds = 10_000;

/** @throws Error as the sound, or when it is not there in time, for example because many callees wait for theirs. */
export function spokenInTime(sound: Promise<Buffer>, clock: Pick<Clock, 'after'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const forget = clock.after(mostSilenceMilliseconds, () => {
      reject(new Error('The TTS_COMMAND had not spoken it within 10 s'));
    });
    void sound.then(resolve, reject).finally(forget);
  });
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

/** @param command a program and its arguments. @throws Error as `runProgram`. */
export function synthesize(
  command: readonly string[],
  text: string,
  limits = program.limits,
): Promise<Buffer> {
  return runProgram({ ...program, limits }, command, text);
}
