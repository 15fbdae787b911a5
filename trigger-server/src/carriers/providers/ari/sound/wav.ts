/**
 * Sound for a telephone: a WAV file with 8,000 samples a second, one channel, 16 bits. Asterisk plays no other rate
 * from a `.wav`. Source: http://soundfile.sapp.org/doc/WaveFormat/
 */
const telephoneRate = 8000;
const headerBytes = 44;
const pcm = 1;

interface Sound {
  sampleRate: number;
  channels: number;
  /** Little-endian 16-bit samples, the channels interleaved. */
  samples: Buffer;
}

/**
 * @param wav 16-bit PCM, any number of channels, any rate. If the header does not know the length, because a speech
 * program wrote it to a pipe, the sound is read to its end.
 * @throws Error for any other format.
 */
export function toTelephoneWav(wav: Buffer): Buffer {
  return writeWav(resample(readWav(wav)));
}

/** @param wav of `toTelephoneWav`. */
export function millisecondsOf(wav: Buffer): number {
  return ((wav.length - headerBytes) / 2 / telephoneRate) * 1000;
}

/** No sound at all. */
export const silence = writeWav(Buffer.alloc(0));

function readWav(wav: Buffer): Sound {
  if (wav.toString('latin1', 0, 4) !== 'RIFF' || wav.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('The speech is no WAV file');
  }
  let format: { sampleRate: number; channels: number } | undefined;
  for (let at = 12; at + 8 <= wav.length;) {
    const name = wav.toString('latin1', at, at + 4);
    const length = wav.readUInt32LE(at + 4);
    const chunk = wav.subarray(at + 8, Math.min(at + 8 + length, wav.length));
    if (name === 'fmt ') format = readFormat(chunk);
    if (name === 'data' && format !== undefined) return { ...format, samples: chunk };
    at += 8 + length + (length % 2);
  }
  throw new Error('The speech is a WAV file without sound');
}

function readFormat(chunk: Buffer): { sampleRate: number; channels: number } {
  if (chunk.length < 16 || chunk.readUInt16LE(0) !== pcm || chunk.readUInt16LE(14) !== 16) {
    throw new Error('The speech is not 16-bit PCM');
  }
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  if (channels === 0 || sampleRate === 0) throw new Error('The speech is not 16-bit PCM');
  return { sampleRate, channels };
}

/** Each sample is the mean of the samples that it replaces, so that frequencies too high for a telephone do not alias. */
function resample({ sampleRate, channels, samples }: Sound): Buffer {
  const frames = Math.floor(samples.length / (2 * channels));
  const count = Math.floor((frames * telephoneRate) / sampleRate);
  const result = Buffer.alloc(2 * count);
  for (let index = 0; index < count; index += 1) {
    const first = Math.floor((index * sampleRate) / telephoneRate);
    const end = Math.max(first + 1, Math.floor(((index + 1) * sampleRate) / telephoneRate));
    let sum = 0;
    for (let value = first * channels; value < end * channels; value += 1)
      sum += samples.readInt16LE(2 * value);
    result.writeInt16LE(Math.round(sum / ((end - first) * channels)), 2 * index);
  }
  return result;
}

function writeWav(samples: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(headerBytes - 8 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(pcm, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(telephoneRate, 24);
  header.writeUInt32LE(2 * telephoneRate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
