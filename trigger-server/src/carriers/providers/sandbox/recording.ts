/** The recording of a sandbox call: one second of a tone, in a WAV file with a comment on its origin. */
import { Readable } from 'node:stream';
import { DownloadError } from '../../../egress/download';
import type { Recording } from '../../port/report';

const samplesPerSecond = 8000;
const toneHertz = 440;
const loudness = 8000;

/** The address of a run's recording. No file is stored: it is made when it is requested. */
export function recordingOf(runId: number): Recording {
  return { url: `sandbox:${String(runId)}` };
}

export function openRecording({ url }: Recording): Readable {
  const [, runId] = /^sandbox:(\d+)$/.exec(url) ?? [];
  if (runId === undefined) throw new DownloadError('this is no recording of the sandbox', true);
  return Readable.from([wavFile(`sandbox recording of run ${runId}`)]);
}

/** RIFF with 16-bit samples of one channel, and a comment: http://soundfile.sapp.org/doc/WaveFormat/ */
function wavFile(comment: string): Buffer {
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(samplesPerSecond, 4);
  format.writeUInt32LE(samplesPerSecond * 2, 8);
  format.writeUInt16LE(2, 12);
  format.writeUInt16LE(16, 14);
  const chunks = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', format),
    chunk('LIST', Buffer.concat([Buffer.from('INFO'), chunk('ICMT', Buffer.from(`${comment}\0`))])),
    chunk('data', tone()),
  ]);
  return chunk('RIFF', chunks);
}

/** An odd length is padded with one byte, which the length does not include. */
function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

function tone(): Buffer {
  const samples = Buffer.alloc(2 * samplesPerSecond);
  for (let index = 0; index < samplesPerSecond; index += 1) {
    const angle = (2 * Math.PI * toneHertz * index) / samplesPerSecond;
    samples.writeInt16LE(Math.round(loudness * Math.sin(angle)), 2 * index);
  }
  return samples;
}
