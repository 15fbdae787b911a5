/** The public address: whether this machine reaches the server there as carriers do, and whether the clocks agree. */
import { isIP } from 'node:net';
import { NotSentError, type CarrierHttpClient, type CarrierReply } from '../../egress/client';
import { allowedDrift, wrongClock } from './clocks';
import type { Finding } from './finding';

export async function* checkAddress(
  http: Pick<CarrierHttpClient, 'send'>,
  publicBaseUrl: string,
): AsyncGenerator<Finding> {
  const about = `PUBLIC_BASE_URL ${publicBaseUrl}`;
  let reply: CarrierReply;
  try {
    reply = await http.send({ method: 'GET', url: `${publicBaseUrl}/api/v1/health`, headers: {} }, null);
  } catch (error) {
    yield { about, wrong: [unreachable(error)] };
    return;
  }
  yield { about, wrong: wrongReply(reply, publicBaseUrl) };
  if (reply.date === undefined) return;
  const drift = Date.now() - Date.parse(reply.date);
  // The header has whole seconds.
  yield {
    about: 'clock, against that address',
    wrong: wrongClock(drift, allowedDrift + 1000, 'that server’s'),
  };
}

function unreachable(error: unknown): string {
  const cause = error instanceof NotSentError ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : 'no answer';
  return `this machine does not reach it: ${reason}. Is the server running, and do its DNS name, proxy or tunnel and certificate lead here?`;
}

function wrongReply({ status, body }: CarrierReply, publicBaseUrl: string): string[] {
  const wrong: string[] = [];
  if (status !== 200) {
    wrong.push(
      `it answers ${String(status)} where the server answers 200. Carriers follow no redirect: set the address that they really reach.`,
    );
  } else if (!body.includes(JSON.stringify(publicBaseUrl))) {
    wrong.push(
      'another server answers there, or this one with another PUBLIC_BASE_URL. Restart it with this one.',
    );
  }
  const { protocol, hostname } = new URL(publicBaseUrl);
  // An IP address is one of the operator's own network, where an Asterisk may be.
  if (protocol === 'http:' && hostname !== 'localhost' && isIP(hostname) === 0) {
    wrong.push(
      'it is not encrypted: keys and phone numbers can be read on the way. Put TLS in front (Caddyfile).',
    );
  }
  return wrong;
}
