/**
 * Constant calls, and one request in ten hostile: normal callers hardly notice, and the server's memory does not grow.
 * Run it by hand on an otherwise idle machine: `npm run test:hostile -- --testPathPatterns mixed-load`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { sleep } from '@dograh-trigger/shared/axios';
import { Agent, request, type Dispatcher } from 'undici';
import { replyJson } from '../../support/local-server';
import { twilioCallback } from '../../support/vendors/twilio';
import { receiversAllowed, startReceiver, type Receiver } from '../../support/webhooks';
import { apiKey, startCallingProcess, type CallingProcess } from '../calling-process';
import { hostileRequests } from '../hostile-requests';

const minutes = Number(process.env.LOAD_MINUTES ?? '10');
/** Few enough for a busy machine: without a free processor, the test would measure a queue and not the server. */
const callsPerSecond = 5;
/** A call consists of a trigger and a read, so more than one request in ten is hostile. */
const callsPerHostileRequest = 4;
const minute = 60_000;

interface Sample {
  minute: number;
  residentBytes: number;
  descriptors: number;
}

/** Closes an idle connection long before the server does, so that no request breaks on a busy machine. */
let connections: Agent;
let receiver: Receiver;
let server: CallingProcess;
let unexpected: string[];
beforeEach(async () => {
  unexpected = [];
  connections = new Agent({ keepAliveTimeout: 1000, keepAliveMaxTimeout: 1000 });
  receiver = await startReceiver();
  let dials = 0;
  server = await startCallingProcess(
    (response, request) => {
      dials += 1;
      const sid = `CA${String(dials).padStart(32, '0')}`;
      replyJson(response, 201, { sid });
      void report(new URLSearchParams(request.body.toString('utf8')).get('StatusCallback') ?? '', sid);
    },
    { environment: receiversAllowed },
  );
});
afterEach(async () => {
  await connections.destroy();
  await server.close();
  await receiver.close();
});

/** The reports of a carrier on a successful call. */
async function report(url: string, sid: string): Promise<void> {
  for (const word of ['ringing', 'in-progress', 'completed']) {
    const { method, headers, body = '' } = twilioCallback(url, { CallSid: sid, CallStatus: word });
    await exchange('a report', url, { method, headers, body });
  }
}

/** Places a normal call. @returns the duration of its trigger in milliseconds. */
async function call(): Promise<number> {
  const begun = performance.now();
  const headers = { 'X-API-Key': apiKey, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ phone_number: '+14155550100', callback_url: receiver.url });
  const placed = await exchange('a call', `${server.baseUrl}/api/v1${server.triggerPath}`, {
    method: 'POST',
    headers,
    body,
  });
  const took = performance.now() - begun;
  await exchange('a run', `${server.baseUrl}${String(placed?.location)}`, { method: 'GET', headers });
  return took;
}

/** A normal request, which must be answered with 200. */
async function exchange(
  what: string,
  url: string,
  options: { method: Dispatcher.HttpMethod; headers: Record<string, string>; body?: string },
): Promise<{ location: string | string[] | undefined } | null> {
  try {
    const { statusCode, headers, body } = await request(url, { ...options, dispatcher: connections });
    const text = await body.text();
    if (statusCode !== 200) unexpected.push(`${what} was answered with ${String(statusCode)}: ${text}`);
    return { location: headers.location };
  } catch (error) {
    unexpected.push(`${what} was not answered: ${String(error)}`);
    return null;
  }
}

/** The server as the system sees it: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function look(begun: number): Sample {
  const folder = `/proc/${String(server.process.child.pid)}`;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
  return {
    minute: Math.floor((performance.now() - begun) / minute),
    residentBytes: Number(kilobytes) * 1024,
    descriptors: readdirSync(`${folder}/fd`).length,
  };
}

/**
 * Starts calls at a constant rate, without waiting for earlier ones. @param hostile the hostile requests sent beside
 * them.
 */
async function load(milliseconds: number, hostile?: () => Promise<void>) {
  const begun = performance.now();
  const calls: Promise<number>[] = [];
  const others: Promise<void>[] = [];
  const samples: Sample[] = [];
  for (let count = 0; ; count += 1) {
    const due = begun + (count * 1000) / callsPerSecond;
    if (due - begun >= milliseconds) break;
    await sleep(Math.max(0, due - performance.now()));
    calls.push(call());
    if (hostile !== undefined && count % callsPerHostileRequest === 0) {
      others.push(sleep(momentBetweenCalls(count)).then(hostile));
    }
    if (count % callsPerSecond === 0) samples.push(look(begun));
  }
  const times = await Promise.all(calls);
  await Promise.all(others);
  return { times, samples, hostileCount: others.length };
}

/**
 * When the hostile request is sent, in milliseconds after a call. Hostile requests are not synchronous with calls: if they
 * were, each one would delay a call, and one call in four would be measured beside one.
 */
function momentBetweenCalls(count: number): number {
  const goldenRatio = (Math.sqrt(5) - 1) / 2;
  return ((count * goldenRatio) % 1) * (1000 / callsPerSecond);
}

/** The 99th percentile. */
function p99(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? NaN;
}

/** The minimum of a minute: what remains after a garbage collection. */
function floorOf(samples: readonly Sample[], of: number, what: 'residentBytes' | 'descriptors'): number {
  return Math.min(...samples.filter((sample) => sample.minute === of).map((sample) => sample[what]));
}

test(
  `${String(minutes)} minutes with one request in ten hostile: memory and descriptors stay as they are in the second half, and p99 is at most twice that without`,
  async () => {
    const warming = await load(minute);
    const before = await load(minute);
    const mixed = await load(minutes * minute, hostileRequests(server));
    const after = await load(minute);
    const alone = p99([...before.times, ...after.times]);
    const beside = p99(mixed.times);
    // Until half of the time the heap grows to the size at which V8 collects it.
    const grown = Math.floor(minutes / 2);
    const last = minutes - 1;
    const table = Array.from({ length: minutes }, (_, index) => ({
      minute: index + 1,
      megabytes: Math.round(floorOf(mixed.samples, index, 'residentBytes') / 1e6),
      descriptors: floorOf(mixed.samples, index, 'descriptors'),
    }));
    process.stderr.write(
      `${table.map((row) => JSON.stringify(row)).join('\n')}\n` +
        `${String(warming.times.length + before.times.length + mixed.times.length + after.times.length)} calls, ${String(mixed.hostileCount)} hostile requests, ` +
        `${String(receiver.requests.length)} events; p99 of a trigger ${alone.toFixed(1)} ms (${p99(before.times).toFixed(1)} before, ${p99(after.times).toFixed(1)} after), beside hostile requests ${beside.toFixed(1)} ms\n`,
    );
    expect(unexpected).toEqual([]);
    expect(floorOf(mixed.samples, last, 'residentBytes')).toBeLessThanOrEqual(
      1.1 * floorOf(mixed.samples, grown, 'residentBytes'),
    );
    expect(floorOf(mixed.samples, last, 'descriptors')).toBeLessThanOrEqual(
      floorOf(mixed.samples, grown, 'descriptors') + 10,
    );
    expect(beside).toBeLessThanOrEqual(2 * alone);
  },
  (minutes + 10) * minute,
);
