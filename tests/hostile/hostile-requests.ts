/** Requests of unauthenticated callers, broken clients and attackers, of one kind after another. */
import { connect } from 'node:net';
import { apiKey, type CallingProcess } from './calling-process';

const mebibyte = 1024 * 1024 - 200;
const json = { 'Content-Type': 'application/json' };
const withKey = { ...json, 'X-API-Key': apiKey };

/** A body of the largest size allowed. It is made once, so that sending it is not slow itself. */
function fullBody(filling: string): Buffer {
  const text = filling.repeat(Math.floor(mebibyte / filling.length));
  return Buffer.from(
    JSON.stringify({ phone_number: '+14155550100', initial_context: { greeting_override: text } }),
  );
}

const templates = fullBody('{{current_time}}');
const braces = fullBody('{');
const digits = Buffer.from(JSON.stringify({ phone_number: '1'.repeat(mebibyte) }));
const nested = Buffer.from(`{"phone_number":${'['.repeat(400_000)}${']'.repeat(400_000)}}`);
const names = Buffer.from(
  JSON.stringify(
    Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`name${String(index)}`, index])),
  ),
);

/** Sends requests of each kind in turn. Each resolves when its request has ended in any way. */
export function hostileRequests(server: CallingProcess): () => Promise<void> {
  const api = `${server.baseUrl}/api/v1`;
  const trigger = `${api}${server.triggerPath}`;
  const post = (url: string, headers: Record<string, string>, body: string | Buffer) => async () => {
    const reply = await fetch(url, { method: 'POST', headers, body });
    await reply.arrayBuffer();
  };
  const call = JSON.stringify({ phone_number: '+14155550100' });
  let count = 0;
  const kinds: (() => Promise<void>)[] = [
    post(trigger, { ...json, 'X-API-Key': `dgr_${'w'.repeat(43)}` }, call),
    post(trigger, withKey, templates),
    post(trigger, withKey, braces),
    post(trigger, withKey, digits),
    post(trigger, withKey, nested),
    post(trigger, withKey, names),
    post(trigger, withKey, '{"phone_number": "+1415'),
    post(trigger, { ...withKey, 'Idempotency-Key': 'k'.repeat(4000) }, call),
    post(`${api}/telephony/callbacks/twilio/status/1/0/${'f'.repeat(64)}`, json, call),
    () =>
      post(
        `${api}/auth/login`,
        json,
        JSON.stringify({ email: `a${String(count)}@b.example`, password: 'guess' }),
      )(),
    post(`${api}/public/download/workflow/${'t'.repeat(2000)}/recording`, {}, ''),
    () =>
      brokenOff(
        server,
        `POST /api/v1${server.triggerPath} HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{`,
      ),
    () => brokenOff(server, '\x16\x03\x01\x02\x00\x01\x00\x01'),
    () => brokenOff(server, `GET /api/v1/health HTTP/1.1\r\nX: ${'h'.repeat(20_000)}`),
  ];
  return async () => {
    count += 1;
    try {
      await kinds[count % kinds.length]?.();
    } catch {
      // A connection broken by the server counts as an answer.
    }
  };
}

/** A connection that begins a request and never finishes it. */
function brokenOff({ baseUrl }: CallingProcess, beginning: string): Promise<void> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(beginning));
    socket
      .on('error', () => undefined)
      .once('close', () => {
        resolve();
      });
    socket.resume().setTimeout(3000, () => socket.destroy());
  });
}
