/**
 * A small fake of an object store that speaks S3's protocol: one object at a time or in parts, ranges, and refusals. It
 * checks no signature. `npm run test:s3` runs the same contract against a real server.
 */
import type { ServerResponse } from 'node:http';
import { startLocalServer, type LocalServer, type ReceivedRequest } from './local-server';

export interface FakeBucket extends LocalServer {
  objects: Map<string, Buffer>;
  /** Parts of uploads that have neither ended nor been given up, by upload. */
  unfinished: Map<string, Map<number, Buffer>>;
  /** From now on every request is refused with this code, as in `AccessDenied`; null: answered again. */
  refusal: { status: number; code: string } | null;
  /** From now on it accepts every request, and sends nothing, or only the beginning of a file; null: answered again. */
  silent: 'before the reply' | 'within the file' | null;
}

export async function startFakeBucket(): Promise<FakeBucket> {
  const server = await startLocalServer((request, response) => {
    answer(bucket, request, response);
  });
  const bucket: FakeBucket = Object.assign(server, {
    objects: new Map<string, Buffer>(),
    unfinished: new Map<string, Map<number, Buffer>>(),
    refusal: null,
    silent: null,
  });
  return bucket;
}

function answer(bucket: FakeBucket, request: ReceivedRequest, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url, 'http://bucket.test');
  const upload = searchParams.get('uploadId');
  if (bucket.silent === 'before the reply') return;
  if (bucket.refusal !== null) {
    refuse(response, bucket.refusal.status, bucket.refusal.code);
  } else if (request.method === 'POST' && searchParams.has('uploads')) {
    const id = `upload-${String(bucket.requests.length)}`;
    bucket.unfinished.set(id, new Map());
    xml(
      response,
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  } else if (upload !== null) {
    answerUpload(bucket, { request, upload, key: pathname, part: searchParams.get('partNumber') }, response);
  } else {
    answerObject(bucket, pathname, request, response);
  }
}

function answerUpload(
  bucket: FakeBucket,
  asked: { request: ReceivedRequest; upload: string; key: string; part: string | null },
  response: ServerResponse,
): void {
  const { request, upload, key, part } = asked;
  const parts = bucket.unfinished.get(upload);
  if (parts === undefined) {
    refuse(response, 404, 'NoSuchUpload');
  } else if (request.method === 'PUT') {
    parts.set(Number(part), request.body);
    response.writeHead(200, { ETag: `"${String(part)}"` }).end();
  } else if (request.method === 'POST') {
    const inOrder = [...parts].sort(([one], [other]) => one - other).map(([, body]) => body);
    bucket.objects.set(key, Buffer.concat(inOrder));
    bucket.unfinished.delete(upload);
    xml(response, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');
  } else {
    bucket.unfinished.delete(upload);
    response.writeHead(204).end();
  }
}

function answerObject(
  bucket: FakeBucket,
  key: string,
  request: ReceivedRequest,
  response: ServerResponse,
): void {
  const found = bucket.objects.get(key);
  if (request.method === 'PUT') {
    bucket.objects.set(key, request.body);
    response.writeHead(200, { ETag: '"whole"' }).end();
  } else if (request.method === 'DELETE') {
    bucket.objects.delete(key);
    response.writeHead(204).end();
  } else if (found === undefined) {
    refuse(response, 404, 'NoSuchKey', request.method === 'HEAD');
  } else if (request.method === 'HEAD') {
    response.writeHead(200, { 'Content-Length': found.length }).end();
  } else {
    const [, start = '0', end = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const body = found.subarray(Number(start), end === '' ? undefined : Number(end) + 1);
    response.writeHead(end === '' ? 200 : 206, { 'Content-Length': body.length });
    if (bucket.silent === null) response.end(body);
    else response.write(body.subarray(0, 1));
  }
}

function xml(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'Content-Type': 'application/xml' }).end(body);
}

/** The reply to HEAD has no body, so that the status alone says it. */
function refuse(response: ServerResponse, status: number, code: string, isBare = false): void {
  response
    .writeHead(status, { 'Content-Type': 'application/xml' })
    .end(isBare ? undefined : `<Error><Code>${code}</Code><Message>Refused</Message></Error>`);
}
