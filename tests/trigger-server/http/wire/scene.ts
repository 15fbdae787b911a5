/** A server with some data, and its replies. Values that differ between test runs are replaced. */
import { createAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { exchange, type RawReply } from '../../../support/raw-http';
import { addConfiguration, addTwilio } from '../../../support/telephony';
import { startTestServer, type TestServer } from '../../../support/test-server';
import { startTwilio } from '../../../support/vendors/twilio';
import { pathOf } from '../../artifacts/support';
import { wireRequests, type Scene } from './requests';

const publicBaseUrl = 'https://calls.example.test';
const metricsToken = 'metrics-token-of-the-wire';

export interface RecordedReply {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}
/** The replies on one connection, and the log lines of their requests. */
export interface Recorded {
  replies: RecordedReply[];
  log: unknown[];
}

/** @returns the replies of a server with this environment, by the name of the request. */
export async function askAll(environment: Record<string, string>): Promise<Record<string, Recorded>> {
  const vendor = await startTwilio();
  const server = await startTestServer({
    PUBLIC_BASE_URL: publicBaseUrl,
    TWILIO_API_BASE_URL: vendor.origin,
    METRICS_TOKEN: metricsToken,
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
    ...environment,
  });
  try {
    const scene = await setTheScene(server, vendor);
    const hide = hider(server, scene);
    const recorded: Record<string, Recorded> = {};
    for (const [name, { methods, bytes }] of Object.entries(wireRequests(scene))) {
      const before = requestLines(server).length;
      const replies = await exchange(server.baseUrl, bytes, methods);
      // The server logs a request after it has sent the reply. The caller may have read the reply before that.
      while (requestLines(server).length - before < replies.length) await new Promise(setImmediate);
      recorded[name] = {
        replies: replies.map((reply) => recordable(reply, hide)),
        log: requestLines(server)
          .slice(before)
          .map((line) => withoutTime(hide(line)))
          // Requests of one connection may end in any order.
          .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
      };
    }
    return recorded;
  } finally {
    await server.close();
    await vendor.close();
  }
}

/** An agent with two calls: one in the sandbox that has ended, and one at a carrier that reports its end. */
async function setTheScene(
  server: TestServer,
  vendor: Awaited<ReturnType<typeof startTwilio>>,
): Promise<Scene> {
  const account = await server.signUp();
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  const agent = await createAgent(server, account);
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance(10_000);
  const { transcript_public_url: transcript } = await readRun(server, account, runId);
  const { id } = await addTwilio(server, account, { name: 'Carrier', number: '+14155550123' });
  await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', telephony_configuration_id: id })
    .expect(200);
  const [dial] = vendor.dials;
  const callback = dial === undefined ? null : vendor.callback(dial, 'completed');
  if (callback === null) throw new Error('The vendor does not call back');
  return {
    apiKey: account.apiKey,
    triggerPath: agent.triggerPath,
    agentUuid: agent.uuid,
    agentId: agent.id,
    runId,
    transcript: pathOf(transcript),
    callback: {
      target: callback.url.slice(publicBaseUrl.length),
      headers: callback.headers,
      body: callback.body ?? '',
    },
    metricsToken,
  };
}

/** Replaces values that differ between servers with placeholders. */
function hider(server: TestServer, { apiKey, triggerPath, agentUuid, transcript }: Scene) {
  const [, token = ''] = /workflow\/([^/]+)\//.exec(transcript) ?? [];
  const known: [string, string][] = [
    [apiKey, '<key>'],
    [token, '<token>'],
    [triggerPath, '<trigger>'],
    [triggerPath.toUpperCase(), '<TRIGGER>'],
    [agentUuid, '<agent>'],
    [new URL(server.baseUrl).host, '<host>'],
  ];
  return (text: string) =>
    known
      .reduce((shown, [value, name]) => shown.replaceAll(value, name), text)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replaceAll(/"cursor":"[^"]+"/g, '"cursor":"<cursor>"')
      .replaceAll(/WR-([A-Z]+)-\d+/g, 'WR-$1-<number>');
}

/** Headers with a time, or with the length of a body that is itself compared. */
const varying = new Set(['date', 'last-modified', 'etag']);
const longestBody = 300;

function recordable({ status, headers, body }: RawReply, hide: (text: string) => string): RecordedReply {
  const isText = /^(?:text|application)\//.test(
    headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '',
  );
  const shown = headers.map(([name, value]): [string, string] => {
    const lower = name.toLowerCase();
    // The length can depend on replaced values, or on a file of another package.
    if (lower === 'content-length')
      return [name, value === '0' ? '0' : Number(value) === Buffer.byteLength(body) ? 'right' : '<length>'];
    return [name, varying.has(lower) ? '<varies>' : hide(value)];
  });
  return {
    status,
    headers: byName(shown),
    ...(body === '' ? {} : { body: isText ? readable(body, hide) : body }),
  };
}

/** Sorts the headers. A repeated header is equivalent to one header with both values. */
function byName(headers: [string, string][]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of headers.sort(([one], [other]) => (one < other ? -1 : 1))) {
    values[name] = name in values ? `${String(values[name])}, ${value}` : value;
  }
  return values;
}

function readable(body: string, hide: (text: string) => string): unknown {
  if (body.length > longestBody) return '<long>';
  try {
    return JSON.parse(hide(body));
  } catch {
    return hide(body);
  }
}

function requestLines({ logLines }: TestServer): string[] {
  return logLines.filter((line) => (JSON.parse(line) as { msg: string }).msg === 'request');
}

/** @throws Error if a field that differs between log lines is missing. */
function withoutTime(line: string): unknown {
  const { time, pid, hostname, requestId, durationMs, ...fields } = JSON.parse(line) as Record<
    string,
    unknown
  >;
  const numbers = [time, pid, durationMs];
  if (!numbers.every(Number.isInteger) || typeof hostname !== 'string' || requestId !== '<uuid>')
    throw new Error(`Not whole: ${line}`);
  return fields;
}
