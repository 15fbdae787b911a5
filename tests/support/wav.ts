/** WAV files, and a command that speaks one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** 16-bit PCM; `length` is the length of the sound in its header. */
export function wav(
  samples: number[],
  { rate = 22_050, channels = 1, bits = 16, length = 2 * samples.length } = {},
): Buffer {
  const format = Buffer.alloc(24);
  format.write('fmt ', 0, 'latin1');
  format.writeUInt32LE(16, 4);
  format.writeUInt16LE(1, 8);
  format.writeUInt16LE(channels, 10);
  format.writeUInt32LE(rate, 12);
  format.writeUInt16LE(bits, 22);
  const data = Buffer.alloc(8 + 2 * samples.length);
  data.write('data', 0, 'latin1');
  data.writeUInt32LE(length, 4);
  samples.forEach((sample, index) => data.writeInt16LE(sample, 8 + 2 * index));
  // A chunk of an odd length, which is followed by a byte of padding.
  const note = Buffer.from('LIST\u0003\u0000\u0000\u0000abc\u0000', 'latin1');
  return Buffer.concat([Buffer.from('RIFF\u0000\u0000\u0000\u0000WAVE', 'latin1'), note, format, data]);
}

const commands = new Map<number, string[]>();

/** The words of a TTS_COMMAND. Whatever the text and the voice are, it speaks for this many seconds. */
export function speaking(seconds: number): string[] {
  let command = commands.get(seconds);
  if (command === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'speaking-'));
    const tone = Array.from({ length: 8000 * seconds }, (_, index) => 1000 * (index % 2));
    writeFileSync(join(folder, 'speech.wav'), wav(tone, { rate: 8000 }));
    const program = join(folder, 'speak');
    writeFileSync(program, '#!/bin/sh\nexec cat "${0%/*}/speech.wav"\n', { mode: 0o755 });
    process.once('exit', () => {
      rmSync(folder, { recursive: true });
    });
    command = [program, '{voice}'];
    commands.set(seconds, command);
  }
  return command;
}

/** A command that speaks for a second, and the number of its starts. */
export function countingSpeech(): { command: string[]; starts: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'counting-'));
  const [program = ''] = speaking(1);
  const counting = join(folder, 'speak');
  const trace = join(folder, 'starts');
  writeFileSync(counting, `#!/bin/sh\nprintf x >> ${trace}\nexec ${program}\n`, { mode: 0o755 });
  writeFileSync(trace, '');
  return { command: [counting], starts: () => readFileSync(trace, 'utf8').length };
}

/** A command that speaks for a second, but fails while it is broken, and waits while it is held. */
export interface FragileSpeech {
  command: string[];
  /** The number of its starts. */
  starts: () => number;
  /** The most programs that ran at once. */
  mostAtOnce: () => number;
  setBroken: (isBroken: boolean) => void;
  setHeld: (isHeld: boolean) => void;
}

export function fragileSpeech(): FragileSpeech {
  const folder = mkdtempSync(join(tmpdir(), 'fragile-'));
  const [program = ''] = speaking(1);
  const fragile = join(folder, 'speak');
  const trace = join(folder, 'trace');
  const broken = join(folder, 'broken');
  const held = join(folder, 'held');
  const script = [
    '#!/bin/sh',
    `printf + >> ${trace}`,
    `while [ -e ${held} ]; do sleep 0.05; done`,
    `[ -e ${broken} ] && exit 1`,
    'sleep 0.1',
    `printf - >> ${trace}`,
    `exec ${program}`,
  ];
  writeFileSync(fragile, `${script.join('\n')}\n`, { mode: 0o755 });
  writeFileSync(trace, '');
  const switchTo = (file: string, isOn: boolean) => {
    if (isOn) writeFileSync(file, '');
    else rmSync(file, { force: true });
  };
  return {
    command: [fragile],
    starts: () => readFileSync(trace, 'utf8').replaceAll('-', '').length,
    mostAtOnce() {
      let running = 0;
      return Math.max(
        ...Array.from(readFileSync(trace, 'utf8'), (mark) => (running += mark === '+' ? 1 : -1)),
      );
    },
    setBroken: (isBroken) => {
      switchTo(broken, isBroken);
    },
    setHeld: (isHeld) => {
      switchTo(held, isHeld);
    },
  };
}
