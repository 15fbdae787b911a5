/** The body of a route that takes a file. */
import type { IncomingMessage } from 'node:http';
import { Problem } from '../../problem';
import type { Route } from '../route';
import { charsetOf } from './charset';
import { readChunks } from './read-bytes';

/** @throws Problem unsupported_media_type for a file of another type or charset. */
export function openUpload({ upload, path }: Route, request: IncomingMessage): AsyncIterable<Buffer> {
  if (upload === undefined) throw new Error(`The route ${path} takes no file`);
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== upload.contentType || charsetOf(request) !== 'utf-8') {
    throw new Problem(
      'unsupported_media_type',
      `Send the file as the body of the request, in UTF-8, with Content-Type: ${upload.contentType}`,
    );
  }
  return readChunks(request, upload.limit);
}
