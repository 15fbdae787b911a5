/**
 * A server that replays Dograh's replies in `tests/fixtures/dograh`. A trigger creates a call that is listed at
 * once, and each read of its run returns the next state, until its recording is stored.
 */
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import states from '../fixtures/dograh/call.json';
import problems from '../fixtures/dograh/problems.json';
import reads from '../fixtures/dograh/reads.json';
import trigger from '../fixtures/dograh/trigger.json';
import usagePage from '../fixtures/dograh/usage-page.json';
import { startLocalServer, type LocalServer, type ReceivedRequest } from './local-server';

/** The names and ids in the replies. */
export const replayed = {
  apiKey: `dgr_${'r'.repeat(43)}`,
  agentUuid: '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
  triggerUuid: '6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90',
  phoneNumber: '+14155550100',
};
const configurationId = 55;
const callerId = 77;

/** Dograh's own address in the replies. */
export const statedAddress = 'https://dograh.example.com';

const transcript = readFileSync(join(__dirname, '../fixtures/dograh/transcript.txt'), 'utf8');
const triggerRoute = /^POST \/api\/v1\/public\/agent\/(?<test>test\/)?(?<byAgent>workflow\/)?(?<id>[\w-]+)$/;
const runRoute = /^GET \/api\/v1\/workflow\/\d+\/runs\/(\d+)$/;

interface Reply {
  status: number;
  headers: Record<string, string | undefined>;
  /** A string is sent as text, any other value as JSON. */
  body: unknown;
}

/** Sends one of Dograh's refusals, by its name in the fixture. */
export function replyProblem(response: ServerResponse, name: string): void {
  send(response, problem(name));
}

function problem(name: string): Reply {
  return problems.find((known) => known.name === name)!;
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

interface TriggerBody {
  phone_number: string;
  initial_context?: object;
  telephony_configuration_id?: number;
  from_phone_number_id?: number;
}

interface PlacedCall {
  id: number;
  name: string;
  /** To the microsecond and without a zone, as Python writes it. */
  createdAt: string;
  context: object;
  phoneNumber: string;
  reads: number;
}

export async function startReplayedDograh(): Promise<LocalServer> {
  const calls: PlacedCall[] = [];
  const server = await startLocalServer((request, response) => {
    send(response, answer(request));
  });

  function answer(request: ReceivedRequest): Reply {
    const { pathname, searchParams } = new URL(request.url, statedAddress);
    const route = `${request.method} ${pathname}`;
    const target = triggerRoute.exec(route)?.groups;
    if (target !== undefined) return place(target, request);
    if (route.startsWith('GET /api/v1/public/download/')) {
      return {
        status: 302,
        headers: { location: `${server.url}/voice-audio/transcripts/501.txt` },
        body: '',
      };
    }
    if (route.startsWith('GET /voice-audio/')) return { status: 200, headers: {}, body: transcript };

    if (route !== 'GET /api/v1/health' && request.headers['x-api-key'] !== replayed.apiKey)
      return problem('unknown key of a read');
    const runId = runRoute.exec(route)?.[1];
    if (runId !== undefined) return readRun(Number(runId));
    if (route === usagePage.request) return { ...usagePage, body: listOf(searchParams) };
    return (
      reads.find((read) => read.request === `${request.method} ${request.url}`) ?? problem('unknown route')
    );
  }

  function place({ test, byAgent, id }: Record<string, string | undefined>, request: ReceivedRequest): Reply {
    const key = request.headers['x-api-key'];
    const body = JSON.parse(request.body.toString('utf8')) as TriggerBody;
    if (key === undefined) return problem('missing key');
    if (key !== replayed.apiKey) return problem('unknown key');
    if (byAgent && id !== replayed.agentUuid) return problem('unknown agent');
    if (!byAgent && id !== replayed.triggerUuid) return problem('unknown trigger');
    if ((body.telephony_configuration_id ?? configurationId) !== configurationId)
      return problem('unknown telephony configuration');
    if ((body.from_phone_number_id ?? callerId) !== callerId) return problem('unknown caller ID');

    const call: PlacedCall = {
      id: trigger.body.workflow_run_id + calls.length,
      name: `WR-${test ? 'TEST' : 'API'}-${String(7823 + calls.length)}`,
      createdAt: new Date().toISOString().replace('Z', '456'),
      context: body.initial_context ?? {},
      phoneNumber: body.phone_number,
      reads: 0,
    };
    calls.push(call);
    return {
      ...trigger,
      body: { ...trigger.body, workflow_run_id: call.id, workflow_run_name: call.name },
    };
  }

  function readRun(id: number): Reply {
    const call = calls.find((placed) => placed.id === id);
    if (call === undefined) return problem('unknown run');
    const { run } = stateOf(call);
    call.reads += 1;
    return { ...trigger, body: { ...run, ...fieldsOf(call, run), created_at: `${call.createdAt}Z` } };
  }

  /** Like Dograh: newest first, and the number filter matches parts of a number. */
  function listOf(query: URLSearchParams): object {
    const number = calledNumberOf(query);
    const runs = calls
      .filter(({ phoneNumber }) => phoneNumber.includes(number))
      .map((call) => {
        const { row } = stateOf(call);
        const numbers = { phone_number: call.phoneNumber, called_number: call.phoneNumber };
        return { ...row, ...fieldsOf(call, row), ...numbers, created_at: `${call.createdAt}+00:00` };
      })
      .reverse();
    return { ...usagePage.body, runs, total_count: runs.length, total_pages: Math.ceil(runs.length / 100) };
  }

  /** The fixture's reply with the values of this call. */
  function fieldsOf({ id, name, context, phoneNumber }: PlacedCall, fixture: State['run'] | State['row']) {
    const { first_name: _fixtures, ...written } = fixture.initial_context;
    const here = (url: string | null) => url && url.replace(statedAddress, server.url);
    return {
      id,
      name,
      initial_context: { ...written, ...context, phone_number: phoneNumber, called_number: phoneNumber },
      recording_public_url: here(fixture.recording_public_url),
      transcript_public_url: here(fixture.transcript_public_url),
    };
  }

  return server;
}

type State = (typeof states)[number];

function stateOf({ reads: read }: PlacedCall): State {
  return states[Math.min(read, states.length - 1)]!;
}

function calledNumberOf(query: URLSearchParams): string {
  const filters = JSON.parse(query.get('filters') ?? '[]') as {
    attribute: string;
    value: { value?: string };
  }[];
  return filters.find(({ attribute }) => attribute === 'calledNumber')?.value.value ?? '';
}
