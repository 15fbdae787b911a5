/** A server with some data, and its replies with everything that differs from run to run replaced. */
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

/** @returns what a server with these extensions answers to each request, by name. */
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
      // A request is logged once its reply has been handed over, which may be after the caller has read it.
      while (requestLines(server).length - before < replies.length) await new Promise(setImmediate);
      recorded[name] = {
        replies: replies.map((reply) => recordable(reply, hide)),
        log: requestLines(server).slice(before).map(withoutTime),
      };
    }
    return recorded;
  } finally {
    await server.close();
    await vendor.close();
  }
}

/** An agent with a call in the sandbox that has ended, and with one at a carrier that reports the end. */
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

/** What differs from one server to the next has a name in the recording. */
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

/** Headers that say when, or how long a body is that is compared itself. */
const varying = new Set(['date', 'last-modified', 'etag']);
const longestBody = 300;

function recordable({ status, headers, body }: RawReply, hide: (text: string) => string): RecordedReply {
  const isText = /^(?:text|application)\//.test(
    headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '',
  );
  const shown = headers.map(([name, value]): [string, string] => {
    const lower = name.toLowerCase();
    // Its number of digits is that of what is hidden, or of another package's file.
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

/** Sorted. A header that comes twice says the same as one with both values. */
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

/** @throws Error when what differs from line to line is not there. */
function withoutTime(line: string): unknown {
  const { time, pid, hostname, reqId, durationMs, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const numbers = [time, pid, reqId, durationMs];
  if (!numbers.every(Number.isInteger) || typeof hostname !== 'string') throw new Error(`Not whole: ${line}`);
  return fields;
}
