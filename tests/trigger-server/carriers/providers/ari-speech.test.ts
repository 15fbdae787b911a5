/** Text to speech for Asterisk: the command, the sound it makes, and how the sound is served. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ari } from '../../../../trigger-server/src/carriers/providers/ari';
import { synthesize } from '../../../../trigger-server/src/carriers/providers/ari/speech';
import { toTelephoneWav } from '../../../../trigger-server/src/carriers/providers/ari/sound/wav';
import { fragileSpeech, wav } from '../../../support/wav';
import { received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import { announcement, hungUp, type Instructions } from '../../../support/vendors/instructions';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'speech-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A command that runs this program; `text` is its standard input. */
function command(program: string): string[] {
  const file = join(folder, 'command.cjs');
  writeFileSync(file, `const text = require('node:fs').readFileSync(0, 'utf8');\n${program}`);
  return [process.execPath, file];
}

describe('the command', () => {
  test('gets the text unchanged on standard input, and no shell reads it', async () => {
    const trace = join(folder, 'trace');
    const text = `$(touch ${trace}); \`touch ${trace}\` --help "'Grüße\n`;
    const echoed = await synthesize(command('process.stdout.write(text)'), text);
    expect(echoed.toString('utf8')).toBe(text);
    expect(existsSync(trace)).toBe(false);
  });

  test('does not get the environment of the server, which contains its secrets', async () => {
    process.env.SPEECH_TEST_SECRET = 'SECRET';
    try {
      const seen = await synthesize(command('process.stdout.write(JSON.stringify(process.env))'), '');
      expect(Object.keys(JSON.parse(seen.toString('utf8')) as object)).toEqual(['PATH', 'LANG']);
    } finally {
      delete process.env.SPEECH_TEST_SECRET;
    }
  });

  test('that takes too long is ended', async () => {
    const limits = { milliseconds: 300, bytes: 1000 };
    await expect(synthesize(command('setInterval(() => {}, 1000)'), '', limits)).rejects.toThrow(
      'The TTS_COMMAND took too long',
    );
  });

  test('that writes too much is ended', async () => {
    const limits = { milliseconds: 10_000, bytes: 1000 };
    const flood = command("const more = () => process.stdout.write('x'.repeat(65536), more); more()");
    await expect(synthesize(flood, '', limits)).rejects.toThrow('The TTS_COMMAND failed (too much sound)');
  });

  test.each([
    ['fails', () => command('process.exit(3)'), 'The TTS_COMMAND failed (3)'],
    ['ends without reading', () => [process.execPath, '-e', 'process.exit(4)'], 'The TTS_COMMAND failed (4)'],
    ['is not there', () => [join(folder, 'nothing')], 'The TTS_COMMAND could not be run'],
  ])('that %s is an error with its reason', async (_what, program, message) => {
    await expect(synthesize(program(), 'text '.repeat(50_000))).rejects.toThrow(message);
  });
});

function samplesOf(telephone: Buffer): number[] {
  const samples: number[] = [];
  for (let at = 44; at < telephone.length; at += 2) samples.push(telephone.readInt16LE(at));
  return samples;
}

/** One second of a tone. */
function tone(hertz: number, rate: number): number[] {
  return Array.from({ length: rate }, (_, index) =>
    Math.floor(10_000 * Math.sin((2 * Math.PI * hertz * index) / rate)),
  );
}

function loudness(samples: readonly number[]): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

describe('the sound', () => {
  test('has 8,000 samples a second, one channel and 16 bits, also in its header', () => {
    const telephone = toTelephoneWav(wav(tone(440, 22_050)));
    expect(telephone.length).toBe(44 + 16_000);
    expect(telephone.toString('latin1', 0, 4)).toBe('RIFF');
    expect(telephone.readUInt32LE(4)).toBe(telephone.length - 8);
    expect(telephone.toString('latin1', 8, 16)).toBe('WAVEfmt ');
    expect([telephone.readUInt16LE(20), telephone.readUInt16LE(22), telephone.readUInt16LE(34)]).toEqual([
      1, 1, 16,
    ]);
    expect([telephone.readUInt32LE(24), telephone.readUInt32LE(28), telephone.readUInt32LE(40)]).toEqual([
      8000, 16_000, 16_000,
    ]);
  });

  test('keeps its pitch and loudness', () => {
    const samples = samplesOf(toTelephoneWav(wav(tone(440, 22_050))));
    const crossings = samples.filter(
      (sample, index) => index > 0 && sample >= 0 && (samples[index - 1] ?? 0) < 0,
    );
    expect(crossings.length).toBeGreaterThan(437);
    expect(crossings.length).toBeLessThan(443);
    expect(loudness(samples) / loudness(tone(440, 22_050))).toBeGreaterThan(0.9);
  });

  test('has little left of frequencies above those of a telephone', () => {
    const high = tone(7350, 22_050);
    expect(loudness(samplesOf(toTelephoneWav(wav(high)))) / loudness(high)).toBeLessThan(0.6);
  });

  test('of 8,000 samples a second stays as it is', () => {
    const samples = tone(440, 8000);
    expect(samplesOf(toTelephoneWav(wav(samples, { rate: 8000 })))).toEqual(samples);
  });

  test('of two channels becomes one', () => {
    const stereo = [100, 300, -100, 100, 5, 5];
    expect(samplesOf(toTelephoneWav(wav(stereo, { rate: 8000, channels: 2 })))).toEqual([200, 0, 5]);
  });

  test('without a known length in its header is read to its end', () => {
    const streamed = wav([1, 2, 3], { rate: 8000, length: 0x7ffff000 });
    expect(samplesOf(toTelephoneWav(streamed))).toEqual([1, 2, 3]);
  });

  test.each([
    ['text', Buffer.from('an error message')],
    ['nothing', Buffer.alloc(0)],
    ['8 bits', wav([1], { bits: 8 })],
    ['no channel', wav([1], { channels: 0 })],
    ['no rate', wav([1], { rate: 0 })],
    ['a header alone', wav([]).subarray(0, 24)],
  ])('of %s is refused', (_what, sound) => {
    expect(() => toTelephoneWav(sound)).toThrow(/^The speech is/);
  });
});

describe('an announcement', () => {
  let host: VendorHost;
  beforeEach(() => {
    host = vendorHost('ari', { origin: 'http://127.0.0.1:9' });
  });
  afterEach(() => host.close());

  /** Speaks one sample for each letter, and writes a line to a file at each start. */
  const speaker = () => {
    const sound = wav([], { rate: 8000, length: 0x7ffff000 }).toString('latin1');
    const starts = JSON.stringify(join(folder, 'starts'));
    return command(`
      require('node:fs').appendFileSync(${starts}, 'x');
      process.stdout.write(Buffer.concat([Buffer.from(${JSON.stringify(sound)}, 'latin1'), Buffer.alloc(2 * text.length)]));
    `);
  };
  const starts = () => readFileSync(join(folder, 'starts'), 'utf8').length;

  async function ask(answer: Instructions) {
    const call = {
      runId: 7,
      attempt: 1,
      configurationId: 3,
      instructions: answer,
      ringTimeoutSeconds: 25,
      voicemail: null,
      maxCallDurationSeconds: 60,
      record: false,
      callbackUrl: (purpose: string) => host.callbackUrl(purpose),
    };
    const callback = { method: 'GET', url: host.callbackUrl('answer'), headers: {} } as const;
    return ari.callbacks?.answer?.(call, received(callback, 'answer'), host);
  }

  test('has the content type of WAV, and is made once for any number of requests', async () => {
    host.ttsCommand = speaker();
    const answer = announcement('Hello');
    const [first, second] = await Promise.all([ask(answer), ask(answer)]);
    expect(first?.contentType).toBe('audio/wav');
    expect(samplesOf(Buffer.from(first?.body ?? ''))).toHaveLength(5);
    expect(second).toEqual(first);
    expect(await ask(answer)).toEqual(first);
    expect(starts()).toBe(1);
    await ask(announcement('Goodbye'));
    expect(starts()).toBe(2);
  });

  test('is one of many: as many programs run at once as the machine has processors', async () => {
    const { command, starts, mostAtOnce } = fragileSpeech();
    host.ttsCommand = command;
    const count = 3 * availableParallelism();
    await Promise.all(Array.from({ length: count }, (_, index) => ask(announcement(`Hello ${index}`))));
    expect(starts()).toBe(count);
    expect(mostAtOnce()).toBe(availableParallelism());
  });

  test('that failed is made again at the next request', async () => {
    const answer = announcement('Hello again');
    host.ttsCommand = command('process.exit(1)');
    await expect(ask(answer)).rejects.toThrow('The TTS_COMMAND failed (1)');
    host.ttsCommand = speaker();
    expect(samplesOf(Buffer.from((await ask(answer))?.body ?? ''))).toHaveLength(11);
  });

  test.each([[hungUp], [announcement(' ')]])('of %j is silence, and no command is run', async (answer) => {
    host.ttsCommand = [join(folder, 'nothing')];
    expect(samplesOf(Buffer.from((await ask(answer))?.body ?? ''))).toEqual([]);
  });
});
