/**
 * The provider that places a call, and the carrier account that it replaced. The bundled server sends them as
 * headers of its trigger reply, because Dograh's reply body has exactly three keys (Dograh: public_agent.py).
 */
import type { FallbackFrom } from '../contracts';
import type { HttpResponse } from './transport';

/** The carrier account that was not ready, and why. */
export type ReplacedAccount = Pick<FallbackFrom, 'name' | 'reason'>;

export interface CallRouting {
  /** The telephony provider; `null` on a server that does not report it (Dograh). */
  mode: string | null;
  /** The default account, when it was not ready and another one placed the call. */
  fallbackFrom: ReplacedAccount | null;
}

/**
 * In characters. A percent-encoded character takes up to nine bytes, and proxies allow only a few thousand bytes of
 * headers.
 */
const maximumNameLength = 100;
const maximumReasonLength = 300;

/** @returns headers in plain ASCII: `Call-Mode`, and `Call-Fallback: {name}; {reason}`, both percent-encoded. */
export function routingHeaders({ mode, fallbackFrom }: CallRouting): Record<string, string> {
  const headers: Record<string, string> = {};
  if (mode !== null) headers['call-mode'] = encode(mode, maximumNameLength);
  if (fallbackFrom) {
    const { name, reason } = fallbackFrom;
    headers['call-fallback'] = `${encode(name, maximumNameLength)}; ${encode(reason, maximumReasonLength)}`;
  }
  return headers;
}

/** Never throws: a phone may already be ringing. */
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
    // A value that is not percent-encoded is returned unchanged.
    return text;
  }
}
