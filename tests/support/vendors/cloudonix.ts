/**
 * Cloudonix on the loopback: outbound calls, sessions, the domain, and session updates, which it does not sign.
 * https://developers.cloudonix.com/cloudonixRestOpenAPI
 */
import * as z from 'zod';
import type { ReceivedRequest } from '../local-server';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer } from './vendor';

export const bearerToken = 'XISECRETcloudonixkey';
export const domain = 'example.cloudonix.net';

const startedAt = Date.parse('2026-11-23T12:00:00.000Z');

/** `callObject` of the OpenAPI document, as far as a call with its own CXML needs it; anything else is refused. */
const callObject = z.strictObject({
  destination: z.string().regex(/^\+[1-9]\d{6,14}$/),
  'caller-id': z.string().regex(/^\+[1-9]\d{6,14}$/),
  cxml: z.string().startsWith('<?xml version="1.0" encoding="UTF-8"?><Response>'),
  callback: z.url({ protocol: /^https?$/ }),
  timeout: z.int().positive(),
  timeLimit: z.int().positive(),
  trunk: z.string().min(1).optional(),
});

const words: Record<CallEvent, string> = {
  ringing: 'ringing',
  answered: 'connected',
  completed: 'answer',
  busy: 'busy',
  'no-answer': 'noanswer',
  failed: 'congestion',
  canceled: 'cancel',
};

/** The session after an event. An answered call lasts twelve seconds. */
export function sessionAfter(token: string, event: CallEvent | 'processing'): object {
  const isAnswered = event === 'answered' || event === 'completed';
  const isOver = !['processing', 'ringing', 'answered'].includes(event);
  return {
    id: 100,
    domainId: 3,
    domain,
    direction: 'outbound-api',
    token,
    status: event === 'processing' ? event : words[event],
    callStartTime: startedAt,
    callAnswerTime: isAnswered ? startedAt + 5000 : null,
    callEndTime: isOver ? startedAt + 17_000 : null,
    profile: {},
  };
}

export function startCloudonix(): Promise<Vendor> {
  /** The session of a dial, even if the reply to the dial was never sent. */
  const tokens = new Map<ReceivedRequest, string>();
  const sessions = new Map<string, object>();
  const tokenOf = (dial: ReceivedRequest): string => {
    const token = tokens.get(dial) ?? String(tokens.size + 1).padStart(32, '0');
    tokens.set(dial, token);
    return token;
  };

  return startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === `/calls/${domain}/application`,
    dial(request, play) {
      if (!isAuthorized(request)) return refusal(401, 'Unauthorized');
      if (request.headers['content-type'] !== 'application/json') throw new Error('Cloudonix takes JSON');
      const call = callObject.parse(JSON.parse(request.body.toString('utf8')));
      if (play === 'rate-limit') return refusal(429, 'Rate limit exceeded');
      if (play === 'refuse') return refusal(400, 'Invalid destination');
      const token = tokenOf(request);
      sessions.set(token, sessionAfter(token, 'processing'));
      const { destination } = call;
      return {
        status: 200,
        body: { domainId: 3, subscriberId: 372, destination, direction: 'outbound-api', token },
      };
    },
    other(request) {
      if (!isAuthorized(request)) return refusal(401, 'Unauthorized');
      if (request.method === 'GET' && request.url === `/customers/self/domains/${domain}`) {
        return { status: 200, body: { id: 3, domain, active: true } };
      }
      const token = new RegExp(`^/calls/${domain}/sessions/(\\w+)$`).exec(request.url)?.[1] ?? '';
      const session = sessions.get(token);
      if (session === undefined) return refusal(404, 'Not found');
      if (request.method === 'GET') return { status: 200, body: session };
      if (request.method !== 'DELETE') throw new Error(`Cloudonix has no ${request.method} here`);
      sessions.delete(token);
      return { status: 204, body: '' };
    },
    callback(dial, event) {
      const { callback } = JSON.parse(dial.body.toString('utf8')) as { callback: string };
      const session = sessionAfter(tokenOf(dial), event);
      sessions.set(tokenOf(dial), session);
      return {
        method: 'POST',
        url: callback,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(session),
      };
    },
    answerRequest: () => null,
  });
}

function isAuthorized(request: ReceivedRequest): boolean {
  return request.headers.authorization === `Bearer ${bearerToken}`;
}

function refusal(status: number, message: string): VendorAnswer {
  return { status, body: { status: false, message } };
}
