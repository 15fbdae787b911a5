/** The `Range` header of a request for one file: RFC 9110, section 14. */
import type { ByteRange } from './artifact-files';

/**
 * What part of a file of `bytes` bytes is asked for: null for all of it, `'unsatisfiable'` for a part that is not there.
 * One range only; several at once, another unit, or what cannot be read mean the whole file, as the RFC allows.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const end = bytes - 1;
  if (first === '') {
    // The last so many bytes.
    const length = Math.min(Number(last), bytes);
    return length === 0 ? 'unsatisfiable' : { start: bytes - length, end };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return null;
  if (start > end) return 'unsatisfiable';
  return { start, end: last === '' ? end : Math.min(Number(last), end) };
}
