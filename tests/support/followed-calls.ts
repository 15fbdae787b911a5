/** A Dograh that a test plays, as the carrier of a server: its runs change as the test says. */
import { configurationsPath } from './telephony';
import { createAgent, definitionWith, type TestAgent } from './agents';
import { replyJson, startLocalServer, type LocalServer, type ReceivedRequest } from './local-server';
import type { Account, TestServer } from './test-server';
import { Following } from '../../trigger-server/src/calls/following/following';

export const playedAgentUuid = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';
const playedKey = `dgr_${'p'.repeat(43)}`;

export type PlayedRun = Record<string, unknown> & { id: number };

export interface PlayedDograh extends LocalServer {
  key: string;
  /** By id. A test changes and deletes them. */
  runs: Map<number, PlayedRun>;
  /** Answers a request in place of Dograh; undefined: Dograh answers. */
  fault: ((request: ReceivedRequest) => { status: number; body: unknown } | 'cut' | undefined) | null;
  /** The requests that start a call. */
  dials(): ReceivedRequest[];
  /** The requests that read runs, one or a page. */
  reads(): ReceivedRequest[];
}

const playedTranscript = [
  '[2026-11-23T12:00:05.000+00:00] assistant: Hello Jane, is Monday fine?',
  '[2026-11-23T12:00:08.500+00:00] user: Monday is fine.',
  '',
].join('\n');

/** The file of every recording. */
export const playedRecording = Buffer.concat([
  Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt ', 'latin1'),
  Buffer.alloc(24),
]);

/** The fields of a run of Dograh whose conversation has ended, with its files. */
export const endedRun = {
  is_completed: true,
  transcript_url: 'transcripts/501.txt',
  recording_url: 'recordings/501.wav',
  // As behind a tunnel: Dograh does not know its address.
  transcript_public_url: 'http://localhost:8000/api/v1/public/download/workflow/token/transcript',
  recording_public_url: 'http://localhost:8000/api/v1/public/download/workflow/token/recording',
  usage_info: { llm: { 'llm#0|||gpt': { total_tokens: 876 } }, tts: {}, stt: {}, call_duration_seconds: 42 },
  cost_info: { dograh_token_usage: 12.5, call_duration_seconds: 42 },
  gathered_context: {
    provider: 'twilio',
    call_id: 'CA01',
    nodes_visited: ['Start', 'End'],
    extracted_variables: { day: 'Monday' },
    day: 'Monday',
    call_tags: ['user_hangup', 'user_speech'],
    call_disposition: 'user_hangup',
    mapped_call_disposition: 'user_hangup',
  },
};

export async function startPlayedDograh(): Promise<PlayedDograh> {
  const runs = new Map<number, PlayedRun>();
  const server = await startLocalServer((request, response) => {
    const found = played.fault?.(request) ?? answer(request);
    if (found === 'cut') response.socket?.destroy();
    else if (Buffer.isBuffer(found.body)) response.writeHead(found.status).end(found.body);
    else replyJson(response, found.status, found.body);
  });

  function answer({ method, url, body, headers }: ReceivedRequest): { status: number; body: unknown } {
    const { pathname, searchParams } = new URL(url, server.url);
    const ok = (value: unknown) => ({ status: 200, body: value });
    if (pathname === '/api/v1/health') return ok({ status: 'ok', version: '1.45.0' });
    if (pathname.startsWith('/api/v1/public/download/')) {
      const file = pathname.endsWith('/recording') ? playedRecording : Buffer.from(playedTranscript);
      return { status: 200, body: file };
    }
    if (headers['x-api-key'] !== playedKey)
      return { status: 401, body: { detail: 'Invalid or expired API key' } };
    if (method === 'POST' && pathname.startsWith('/api/v1/public/agent/')) return ok(place(body));
    if (pathname === '/api/v1/user/auth/user') return ok({ id: 1, is_superuser: false });
    if (pathname === '/api/v1/organizations/usage/runs') return ok(listOf(searchParams));
    const [, id] = /^\/api\/v1\/workflow\/\d+\/runs\/(\d+)$/.exec(pathname) ?? [];
    const run = id === undefined ? undefined : runs.get(Number(id));
    return run === undefined ? { status: 404, body: { detail: 'Workflow run not found' } } : ok(run);
  }

  function place(body: Buffer): object {
    const { phone_number, initial_context = {} } = JSON.parse(body.toString('utf8')) as {
      phone_number: string;
      initial_context?: object;
    };
    const id = 501 + runs.size;
    const name = `WR-API-${String(id)}`;
    runs.set(id, {
      id,
      workflow_id: 12,
      name,
      mode: 'twilio',
      created_at: new Date().toISOString(),
      is_completed: false,
      initial_context: { ...initial_context, phone_number, called_number: phone_number },
      gathered_context: { provider: 'twilio', call_id: `CA${String(id)}` },
      logs: {},
    });
    return { status: 'initiated', workflow_run_id: id, workflow_run_name: name };
  }

  function listOf(query: URLSearchParams): object {
    const newestFirst = [...runs.values()].toReversed();
    const page = Number(query.get('page'));
    const limit = Number(query.get('limit'));
    const rows = newestFirst.slice((page - 1) * limit, page * limit).map(({ usage_info, logs, ...run }) => ({
      ...run,
      logs: undefined,
      call_duration_seconds:
        (usage_info as { call_duration_seconds?: number } | undefined)?.call_duration_seconds ?? 0,
      disposition: (run.gathered_context as { call_disposition?: string }).call_disposition ?? null,
    }));
    return { runs: rows, page, limit, total_count: runs.size, total_pages: Math.ceil(runs.size / limit) };
  }

  const played: PlayedDograh = {
    ...server,
    key: playedKey,
    runs,
    fault: null,
    dials: () => server.requests.filter(({ method }) => method === 'POST'),
    reads: () => server.requests.filter(({ url }) => /\/runs[/?]/.test(url)),
  };
  return played;
}

/** An agent of this server whose calls that Dograh holds. The server must allow the address of the Dograh. */
export async function agentAtDograh(
  server: TestServer,
  account: Account,
  dograh: { url: string; key?: string; agent?: string },
  configurations: Record<string, unknown> = {},
): Promise<TestAgent> {
  const { key = playedKey, agent = `workflow/${playedAgentUuid}`, url } = dograh;
  await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({
      name: 'Dograh',
      is_default_outbound: true,
      config: { provider: 'dograh', base_url: url, api_key: key },
    })
    .expect(200);
  return createAgent(server, account, definitionWith(), {
    answer: { mode: 'dograh', agent },
    ...configurations,
  });
}

/** @returns lets so many seconds pass, in which the server follows its calls, each answer awaited. */
export function followByHand(server: TestServer): (seconds: number) => Promise<void> {
  const following = new Following(server.services);
  return async (seconds) => {
    for (let half = 0; half < seconds * 2; half += 1) {
      await server.advance(500);
      await following.begin();
      await following.settled();
    }
  };
}
