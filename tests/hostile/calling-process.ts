/** A real server process that calls through a carrier whose replies the test determines. */
import type { ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../support/free-port';
import { replyJson, startLocalServer, type ReceivedRequest } from '../support/local-server';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import { accountSid, authToken } from '../support/vendors/twilio';

// A flood on a busy machine is slow.
jest.setTimeout(180_000);

export const apiKey = `dgr_${'h'.repeat(43)}`;

export interface CallingProcess {
  process: ServerProcess;
  baseUrl: string;
  databaseFile: string;
  /** The path of the trigger that {@link trigger} calls, below `/api/v1`. */
  triggerPath: string;
  apiKey: string;
  /** A request with the key of the organization; `path` below `/api/v1`. */
  send(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; headers: Headers; text: string }>;
  /** Requests a call through the carrier, with changes to the request. */
  trigger(changes?: object): Promise<{ status: number; headers: Headers; text: string }>;
  close(): Promise<void>;
}

/** Accepts every dial, each with an id of its own. */
export function acceptDials(): (response: ServerResponse) => void {
  let dials = 0;
  return (response) => {
    dials += 1;
    replyJson(response, 201, { sid: `CA${dials}` });
  };
}

/**
 * @param onDial what the carrier does with a dial for the Twilio account of `tests/support/vendors`.
 * @param options `carrierHost`: a host name instead of 127.0.0.1, which must be looked up; `environment`: of the process.
 */
export async function startCallingProcess(
  onDial: (response: ServerResponse, request: ReceivedRequest) => void,
  options: {
    carrierHost?: string;
    environment?: Record<string, string>;
    limits?: Parameters<typeof startServerProcess>[1];
  } = {},
): Promise<CallingProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const carrier = await startLocalServer((request, response) => {
    if (request.url.endsWith('/Calls.json')) onDial(response, request);
    else replyJson(response, 503, {});
  });
  const databaseFile = join(folder, 'trigger.db');
  const port = await freeTcpPort();
  const baseUrl = `http://127.0.0.1:${String(port)}`;
  const server = await startServerProcess(
    {
      PORT: String(port),
      PUBLIC_BASE_URL: baseUrl,
      DATABASE_URL: `file:${databaseFile}`,
      BOOTSTRAP_API_KEY: apiKey,
      DEFAULT_ORG_CONCURRENCY_LIMIT: '100000',
      TWILIO_API_BASE_URL: carrier.url.replace('127.0.0.1', options.carrierHost ?? '127.0.0.1'),
      ...options.environment,
    },
    options.limits,
  );
  const send: CallingProcess['send'] = async (method, path, body) => {
    const reply = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  };
  const added = await send('POST', '/organizations/telephony-configs', {
    name: 'Line',
    is_default_outbound: true,
    config: { provider: 'twilio', account_sid: accountSid, auth_token: authToken },
  });
  const { id } = JSON.parse(added.text) as { id: number };
  await send('POST', `/organizations/telephony-configs/${String(id)}/phone-numbers`, {
    address: '+14155550123',
  });
  const triggerPath = /production {2}POST \S+\/api\/v1(\/\S+)/.exec(server.output)?.[1] ?? '';
  return {
    process: server,
    baseUrl,
    databaseFile,
    apiKey,
    send,
    triggerPath,
    trigger: (changes) => send('POST', triggerPath, { phone_number: '+14155550100', ...changes }),
    async close() {
      await server.stop('SIGKILL');
      await carrier.close();
      rmSync(folder, { recursive: true });
    },
  };
}
