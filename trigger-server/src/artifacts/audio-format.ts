/** Recognises the audio format of a stream by its first bytes, because a carrier's content type is unreliable. */
import type { Readable } from 'node:stream';

export type AudioFormat = 'wav' | 'mp3';

const headBytes = 12;

/** @returns the format (null when it is neither), and the whole stream. The caller must destroy the original stream. */
export async function recognizeAudio(
  stream: Readable,
): Promise<{ format: AudioFormat | null; body: AsyncIterable<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let head = Buffer.alloc(0);
  while (head.length < headBytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return { format: formatOf(head), body: rejoin(head, chunks) };
}

async function* rejoin(head: Buffer, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

function formatOf(head: Buffer): AudioFormat | null {
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WAVE') return 'wav';
  const hasTag = head.toString('latin1', 0, 3) === 'ID3';
  const hasFrame = head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0;
  return hasTag || hasFrame ? 'mp3' : null;
}
