/** Requests of every kind that the HTTP layer distinguishes, by name. Their replies are in `recorded.jsonl`. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { rawRequest, type RawRequest } from '../../../support/raw-http';

/** The values in the requests that differ between servers or are secret. */
export interface Scene {
  apiKey: string;
  triggerPath: string;
  agentUuid: string;
  agentId: number;
  /** A run that has ended, and the path of its transcript. */
  runId: number;
  transcript: string;
  /** The signed callback of a carrier for a call that has ended. */
  callback: { target: string; headers: Record<string, string>; body: string };
  metricsToken: string;
}

export interface WireRequest {
  /** One method per request. Several requests use the same connection. */
  methods: string[];
  bytes: Buffer;
}

const json = { 'Content-Type': 'application/json' };
const call = JSON.stringify({ phone_number: '+14155550100', initial_context: { user: { name: 'Jane' } } });

function one(request: Omit<RawRequest, 'headers'> & { headers?: Record<string, string> }): WireRequest {
  const bytes = rawRequest({ ...request, headers: request.headers ?? {} });
  return { methods: [request.method], bytes };
}

function withLength(body: Buffer): { headers: Record<string, string>; body: Buffer } {
  return { headers: { 'Content-Length': String(body.length) }, body };
}

function chunk(content: string): string {
  return content === '' ? '' : `${content.length.toString(16)}\r\n${content}\r\n`;
}

export function wireRequests(scene: Scene): Record<string, WireRequest> {
  const key = { 'X-API-Key': scene.apiKey };
  const trigger = `/api/v1/public/agent/${scene.triggerPath}`;
  const run = `/api/v1/workflow/${String(scene.agentId)}/runs/${String(scene.runId)}`;
  const get = (target: string, headers: Record<string, string> = key) =>
    one({ method: 'GET', target, headers });
  const bare = (method: string, target: string, headers: Record<string, string> = {}) =>
    one({ method, target, headers });
  const post = (
    content: Buffer | string,
    headers: Record<string, string> = {},
    target = trigger,
    method = 'POST',
  ) => {
    const { headers: length, body } = withLength(Buffer.from(content));
    return one({ method, target, headers: { ...json, ...key, ...length, ...headers }, body });
  };
  /** A request with a body, but without a Content-Type. */
  const untyped = (content: string) => {
    const { headers, body } = withLength(Buffer.from(content));
    return one({ method: 'POST', target: trigger, headers: { ...key, ...headers }, body });
  };
  const chunked = (content: string) =>
    one({
      method: 'POST',
      target: trigger,
      headers: { ...json, ...key, 'Transfer-Encoding': 'chunked' },
      body: Buffer.from(`${chunk(content)}0\r\n\r\n`),
    });
  const inARow = (...requests: WireRequest[]): WireRequest => ({
    methods: requests.flatMap(({ methods }) => methods),
    bytes: Buffer.concat(
      requests.map(({ bytes }, index) =>
        index === requests.length - 1
          ? bytes
          : Buffer.from(
              bytes.toString('latin1').replace('Connection: close', 'Connection: keep-alive'),
              'latin1',
            ),
      ),
    ),
  });
  const megabyte = 1024 * 1024;
  const padded = (length: number) => {
    const start = `{"phone_number":"+14155550100","initial_context":{"x":"`;
    return `${start}${'a'.repeat(length - start.length - 3)}"}}`;
  };
  const { target: report, headers: reportHeaders, body: reportBody } = scene.callback;
  const callback = (content: string | Buffer, headers: Record<string, string> = {}, target = report) => {
    const { headers: length, body } = withLength(Buffer.from(content));
    return one({ method: 'POST', target, headers: { ...reportHeaders, ...length, ...headers }, body });
  };

  return {
    // The trigger
    'a call': post(call),
    'a call by agent UUID': post(call, {}, `/api/v1/public/agent/workflow/${scene.agentUuid}`),
    'a call with the draft': post(call, {}, `/api/v1/public/agent/test/${scene.triggerPath}`),
    'a call with a query': post(call, {}, `${trigger}?a=1&b=2&a=3`),
    'a call with a # in its target': post(call, {}, `${trigger}#there`),
    'a call with a key': post(call, { 'Idempotency-Key': 'one' }),
    'the same call with the same key': post(call, { 'Idempotency-Key': 'one' }),
    'another call with the same key': post('{"phone_number":"+14155550111"}', { 'Idempotency-Key': 'one' }),
    'a call that the carrier refuses': post('{"phone_number":"+15005550001"}'),
    'a call with a name that is not known': post('{"phone_number":"+14155550100","colour":"red"}'),
    'a call with a name and a parameter that are not known': post(
      '{"phone_number":"+14155550100","colour":"red"}',
      {},
      `${trigger}?a=1`,
    ),
    'a call with a name that is refused': post('{"phone_number":"+14155550100","callbackUrl":"x"}'),
    'a call to no number': post('{"phone_number":"none"}'),
    'a call without a key': one({ method: 'POST', target: trigger, headers: json }),
    'a call with a wrong key': post(call, { 'X-API-Key': `dgr_${'x'.repeat(43)}` }),
    'a call with a wrong key and a body that is no JSON': post('{', { 'X-API-Key': 'dgr_x' }),
    'a call of an agent that is not there': post(call, {}, '/api/v1/public/agent/nobody'),

    // Bodies
    'an empty body': post(''),
    'no body': one({ method: 'POST', target: trigger, headers: { ...json, ...key } }),
    'no body, no type': one({ method: 'POST', target: trigger, headers: key }),
    'a body without a type': untyped(call),
    'a body of another type': post(call, { 'Content-Type': 'text/plain' }),
    'a form': post('phone_number=1', { 'Content-Type': 'application/x-www-form-urlencoded' }),
    'JSON of a vendor': post(call, { 'Content-Type': 'application/vnd.example+json' }),
    'JSON with a charset': post(call, { 'Content-Type': 'application/json; charset=utf-8' }),
    'JSON with a quoted charset': post(call, { 'Content-Type': 'Application/JSON; Charset="UTF-8"' }),
    'JSON with a charset without its hyphen': post(call, {
      'Content-Type': 'application/json; charset=utf8',
    }),
    'JSON in Latin-1': post(call, { 'Content-Type': 'application/json; charset=latin1' }),
    'JSON in UTF-16': post(call, { 'Content-Type': 'application/json; charset=utf-16' }),
    'JSON in a charset that is none': post(call, {
      'Content-Type': 'application/json; charset=utf-nonsense',
    }),
    'JSON with a parameter without a value': post(call, { 'Content-Type': 'application/json; charset' }),
    'JSON with a byte-order mark': post(`\u{feff}${call}`),
    'a byte-order mark alone': post('\u{feff}'),
    'white space alone': post('  \n'),
    'bytes that are not UTF-8': post(Buffer.from('{"phone_number":"+1415555\xff0100"}', 'latin1')),
    'a list': post('[1]'),
    'a text': post('"+14155550100"'),
    null: post('null'),
    'half an object': post('{"phone_number":'),
    'a number that is too large': post('{"phone_number":"+14155550100","initial_context":{"x":1e400}}'),
    __proto__: post('{"phone_number":"+14155550100","initial_context":{"__proto__":{"x":1}}}'),
    'deep nesting': post(
      `{"phone_number":"+14155550100","initial_context":${'{"a":'.repeat(65)}1${'}'.repeat(65)}}`,
    ),
    'very many values': post(`[${'0,'.repeat(20_001)}0]`),
    '1 MiB': post(padded(megabyte)),
    'one byte more than 1 MiB': post(padded(megabyte + 1)),
    'one byte more than 1 MiB, of another type': post(padded(megabyte + 1), { 'Content-Type': 'text/plain' }),
    'one byte more than 1 MiB, without a key': post(padded(megabyte + 1), { 'X-API-Key': '' }),
    chunks: chunked(call),
    'chunks of more than 1 MiB': chunked(padded(megabyte + 1)),
    'no chunk': chunked(''),
    'less than its length says': inARow(
      get('/api/v1/health'),
      post(call, { 'Content-Length': String(call.length - 1) }),
    ),

    // Compression
    gzip: post(gzipSync(call), { 'Content-Encoding': 'gzip' }),
    'gzip in capitals': post(gzipSync(call), { 'Content-Encoding': 'GZIP' }),
    deflate: post(deflateSync(call), { 'Content-Encoding': 'deflate' }),
    br: post(brotliCompressSync(call), { 'Content-Encoding': 'br' }),
    identity: post(call, { 'Content-Encoding': 'identity' }),
    'compressed twice': post(gzipSync(gzipSync(call)), { 'Content-Encoding': 'gzip, gzip' }),
    'a compression that is not known': post(call, { 'Content-Encoding': 'compress' }),
    'gzip that is none': post(call, { 'Content-Encoding': 'gzip' }),
    'gzip that breaks off': post(gzipSync(call).subarray(0, 40), { 'Content-Encoding': 'gzip' }),
    'gzip of nothing': post(gzipSync(''), { 'Content-Encoding': 'gzip' }),
    'gzip, and nothing sent': post('', { 'Content-Encoding': 'gzip' }),
    'gzip of more than 1 MiB': post(gzipSync(padded(megabyte + 1)), { 'Content-Encoding': 'gzip' }),
    'gzip with something behind it': post(Buffer.concat([gzipSync(call), Buffer.from('tail')]), {
      'Content-Encoding': 'gzip',
    }),
    'gzip in Latin-1': post(gzipSync(call), {
      'Content-Encoding': 'gzip',
      'Content-Type': 'application/json; charset=latin1',
    }),

    // Several requests on one connection
    'a body that nobody reads, and the next request': inARow(
      post(padded(2 * megabyte), {}, '/api/v1/nothing'),
      get('/api/v1/health'),
    ),
    'a body that is too large, and the next request': inARow(
      post(padded(2 * megabyte)),
      get('/api/v1/health'),
    ),
    'gzip that is none, and the next request': inARow(
      post(call, { 'Content-Encoding': 'gzip' }),
      get('/api/v1/health'),
    ),
    'a body for GET, and the next request': inARow(post(call, {}, run, 'GET'), get('/api/v1/health')),
    'HTTP/1.0': {
      methods: ['GET'],
      bytes: Buffer.from('GET /api/v1/health HTTP/1.0\r\nHost: localhost\r\n\r\n'),
    },

    // Paths
    health: get('/api/v1/health', {}),
    'health, with a slash behind it': get('/api/v1/health/', {}),
    'health, with two slashes behind it': get('/api/v1/health//', {}),
    'health, with two slashes in it': get('/api/v1//health', {}),
    'health, with two slashes before it': get('//api/v1/health', {}),
    'health, in capitals': get('/API/V1/HEALTH', {}),
    'health, percent-encoded': get('/api/v1/%68ealth', {}),
    'health, with a semicolon': get('/api/v1/health;x=1', {}),
    'health, with a query': get('/api/v1/health?x=1&%zz', {}),
    'health, with an empty query': get('/api/v1/health?', {}),
    'health, by its whole address': get('http://localhost/api/v1/health', {}),
    'health, by a whole address with a query': get('http://localhost:80/api/v1/health?x=1', {}),
    'health, with If-None-Match': get('/api/v1/health', { 'If-None-Match': '*' }),
    'health, with If-Modified-Since': get('/api/v1/health', {
      'If-Modified-Since': new Date(0).toUTCString(),
    }),
    'a run': get(run),
    'a run, in capitals': get(`/api/v1/WORKFLOW/${String(scene.agentId)}/Runs/${String(scene.runId)}`),
    'a run, with a digit percent-encoded': get(`/api/v1/workflow/1/runs/%3${String(scene.runId)}`),
    'a run that is not there': get('/api/v1/workflow/1/runs/999999'),
    'a run whose id is none': get('/api/v1/workflow/1/runs/abc'),
    'a run whose id is empty': get('/api/v1/workflow/1/runs/'),
    'a run of an agent whose id is empty': get('/api/v1/workflow//runs/1'),
    'a run whose id is longer than a hundred characters': get(`/api/v1/workflow/1/runs/${'9'.repeat(200)}`),
    'a run whose id is badly encoded': get('/api/v1/workflow/1/runs/%ZZ'),
    'a run whose id breaks off': get('/api/v1/workflow/1/runs/%'),
    'a run whose id is no UTF-8': get('/api/v1/workflow/1/runs/%FF'),
    'a bad encoding without a key': get('/api/v1/workflow/1/runs/%ZZ', {}),
    'a bad encoding where nothing is': get('/api/v1/nothing/here/%ZZ/at/all'),
    'a bad encoding below the trigger': post(call, {}, '/api/v1/public/agent/%ZZ'),
    'a trigger with a slash encoded': post(call, {}, '/api/v1/public/agent/a%2Fb'),
    'a trigger with a percent sign encoded': post(call, {}, '/api/v1/public/agent/a%2525b'),
    'a trigger with a letter encoded': post(
      call,
      {},
      `/api/v1/public/agent/%${scene.triggerPath.charCodeAt(0).toString(16)}${scene.triggerPath.slice(1)}`,
    ),
    'a trigger in capitals': post(call, {}, `/API/v1/Public/Agent/${scene.triggerPath.toUpperCase()}`),
    'a trigger with an İ before it': post(call, {}, '/api/v1/public/agent/%C4%B0/x'),
    'a node type, in capitals': get('/api/v1/node-types/startCall'),
    'a node type that is not there': get('/api/v1/node-types/%C4%B0%2F%25?x=1'),
    'a fixed path that could be an id': get('/api/v1/workflow/summary'),
    'a fixed path by the method of the one with an id': post('{}', {}, '/api/v1/workflow/fetch', 'PUT'),
    'a path that ends with a slash': get('/api/v1/tools/'),
    'a path that ends with a slash, without it': get('/api/v1/tools'),
    'a list with a page that is none': get('/api/v1/organizations/usage/runs?page=x&page_size=1'),
    'a list with a parameter that is not known': get('/api/v1/organizations/usage/runs?limit=1&colour=red'),
    'a list with a session that is none': get('/api/v1/workflow/fetch', { Authorization: 'Bearer x' }),
    nothing: get('/api/v1/nothing'),
    'nothing, without a key': get('/api/v1/nothing', {}),
    'below the API': get('/api/v1'),
    'beside the API': get('/api/v2/health'),
    'a longer word than the API': get('/api/v1health'),

    // Methods
    HEAD: bare('HEAD', '/api/v1/health'),
    'HEAD of a run': bare('HEAD', run, key),
    'HEAD of a trigger': bare('HEAD', trigger, key),
    'HEAD of nothing': bare('HEAD', '/api/v1/nothing'),
    'OPTIONS of a trigger': bare('OPTIONS', trigger),
    'OPTIONS of nothing': bare('OPTIONS', '/api/v1/nothing'),
    'OPTIONS of a page': bare('OPTIONS', '/docs'),
    'GET of everything': bare('GET', '*'),
    'OPTIONS of everything': bare('OPTIONS', '*'),
    'GET of a trigger': get(trigger),
    'GET of a trigger with a bad encoding': get('/api/v1/public/agent/%ZZ'),
    'PATCH of an agent': bare('PATCH', '/api/v1/workflow/1', key),
    'DELETE of a fixed path that could be an id': bare('DELETE', '/api/v1/workflow/count', key),
    'POST of the document': bare('POST', '/api/v1/openapi.json'),
    'PROPFIND of a run': bare('PROPFIND', run, key),
    'DELETE of hooks': bare('DELETE', '/api/v1/hooks', key),

    // Streams
    'a transcript': get(scene.transcript, {}),
    'a part of a transcript': get(scene.transcript, { Range: 'bytes=0-4' }),
    'a part of a transcript that is not there': get(scene.transcript, { Range: 'bytes=9999-' }),
    'HEAD of a transcript': bare('HEAD', scene.transcript),
    'a transcript for a token that is none': get('/api/v1/public/download/workflow/x/transcript', {}),
    'a transcript with If-None-Match': get(scene.transcript, { 'If-None-Match': '*' }),

    // Carriers
    'a report': callback(reportBody),
    'a report, again': callback(reportBody),
    'a report that is not signed': callback(reportBody, { 'x-twilio-signature': 'x' }),
    'a report with something added': callback(`${reportBody}&x=1`),
    'a report without a body': callback(''),
    'a report of more than 256 KiB': callback('x'.repeat(256 * 1024 + 1)),
    'a report, compressed': callback(gzipSync(reportBody), { 'Content-Encoding': 'gzip' }),
    'a report in a compression that is not known': callback(reportBody, { 'Content-Encoding': 'x' }),
    'a report in gzip that is none': callback(reportBody, { 'Content-Encoding': 'gzip' }),
    'a report with a run id that is none': callback(
      reportBody,
      {},
      '/api/v1/telephony/callbacks/twilio/status/x/0/y',
    ),
    'a report with a bad encoding': callback(reportBody, {}, '/api/v1/telephony/callbacks/a/status/1/0/%ZZ'),
    'a report by GET': get(report, {}),
    'a report by PUT': bare('PUT', report),
    'a report with less in its address': get('/api/v1/telephony/callbacks/twilio/status', {}),

    // Pages
    'POST of the first page': bare('POST', '/'),
    'the docs': get('/docs', {}),
    'the docs, with a slash': get('/docs/', {}),
    'the docs, in capitals': get('/DOCS', {}),
    'the start of the docs': get('/docs/start.js', {}),
    'HEAD of the style of the docs': bare('HEAD', '/docs/swagger-ui.css'),
    'nothing below the docs': get('/docs/nothing', {}),
    'POST below the docs': bare('POST', '/docs/start.js'),
    'the document': bare('HEAD', '/api/v1/openapi.json'),
    'the metrics': bare('HEAD', '/metrics', { Authorization: `Bearer ${scene.metricsToken}` }),
    'the metrics without a token': get('/metrics', {}),
    'POST of the metrics': bare('POST', '/metrics'),
    'a page that is not there': get('/nothing', {}),
    'a page that is badly encoded': get('/%ZZ', {}),
  };
}
