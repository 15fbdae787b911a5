/** The `Range` header of a request for one file: RFC 9110, section 14. */
import type { ByteRange } from './artifact-files';

/**
 * Reads the requested range of a file of `bytes` bytes: null for the whole file, `'unsatisfiable'` for a range beyond
 * its end. Only one range is supported. Several ranges, another unit or an unreadable header mean the whole file, as
 * the RFC allows.
 */
export function readRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const end = bytes - 1;
  if (first === '') {
    // `bytes=-N` means the last N bytes.
    const length = Math.min(Number(last), bytes);
    return length === 0 ? 'unsatisfiable' : { start: bytes - length, end };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return null;
  if (start > end) return 'unsatisfiable';
  return { start, end: last === '' ? end : Math.min(Number(last), end) };
}
