/**
 * What the bundled server says of a call in the headers of its trigger reply, whose body has three keys and no more
 * (Dograh: public_agent.py): which provider places the call, and which account it replaced.
 */
import type { FallbackFrom } from '../contracts';
import type { HttpResponse } from './transport';

/** The carrier account that was not ready, and why. */
export type ReplacedAccount = Pick<FallbackFrom, 'name' | 'reason'>;

export interface CallRouting {
  /** The telephony provider; `null` on a server that does not say (Dograh). */
  mode: string | null;
  /** The default account, where another one placed the call in its stead. */
  fallbackFrom: ReplacedAccount | null;
}

/** In characters; percent-encoded, a character takes up to nine bytes, and proxies allow some thousand for all headers. */
const maximumNameLength = 100;
const maximumReasonLength = 300;

/** @returns headers that can always be sent: `Call-Mode`, and `Call-Fallback: {name}; {reason}`, both percent-encoded. */
export function routingHeaders({ mode, fallbackFrom }: CallRouting): Record<string, string> {
  const headers: Record<string, string> = {};
  if (mode !== null) headers['call-mode'] = encode(mode, maximumNameLength);
  if (fallbackFrom) {
    const { name, reason } = fallbackFrom;
    headers['call-fallback'] = `${encode(name, maximumNameLength)}; ${encode(reason, maximumReasonLength)}`;
  }
  return headers;
}

/** Never throws: it is read when a phone may be ringing already. */
export function readRoutingHeaders({ headers }: HttpResponse): CallRouting {
  const { 'call-mode': mode, 'call-fallback': fallback } = headers;
  const [name = '', ...reason] = fallback?.split('; ') ?? [];
  return {
    mode: mode ? decode(mode) : null,
    fallbackFrom: fallback ? { name: decode(name), reason: decode(reason.join('; ')) } : null,
  };
}

function encode(text: string, maximumLength: number): string {
  const cut = text.length > maximumLength ? `${text.slice(0, maximumLength)}…` : text;
  return encodeURIComponent(cut.toWellFormed());
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded is shown as it came: it still tells more than nothing.
    return text;
  }
}
