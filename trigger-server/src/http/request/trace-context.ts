/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/): a caller's trace is read from the request for a call, and
 * continues in what is sent to receivers about that call. Carriers do not get it: they take no part in the trace.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Chance } from '../../clock';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** Two hexadecimal digits: whether the trace is sampled, and whether its id is random. */
  flags: string;
  /** The header `tracestate`, as it was sent. Its content is the caller's, so it appears in no log. */
  state: string | null;
}

/** Versions above 00 may have further parts. */
const traceparentForm = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const onlyZeros = /^0+$/;
/** Version 00 defines two bits; a sender sets the others to zero. */
const definedFlags = 0b11;

const mostStateCharacters = 512;
const mostStateMembers = 32;
const stateMember =
  /^(?:[a-z\d][a-z\d_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])?$/;

/**
 * The trace that a request belongs to; null without one, or if `traceparent` is not valid. A trace id of decimal digits
 * alone, which no tracer makes but by rare chance, is not accepted: it may hold a phone number, and ids are logged.
 */
export function readTrace({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext | null {
  if (typeof traceparent !== 'string') return null;
  const [, version = 'ff', traceId = '', parentId = '', flags = '', more] =
    traceparentForm.exec(traceparent) ?? [];
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^\d+$/.test(traceId) || onlyZeros.test(parentId)) return null;
  return {
    traceId,
    flags: (Number.parseInt(flags, 16) & definedFlags).toString(16).padStart(2, '0'),
    state: typeof tracestate === 'string' && isState(tracestate) ? tracestate : null,
  };
}

function isState(text: string): boolean {
  if (text === '' || text.length > mostStateCharacters) return false;
  const members = text.split(',').map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
  return members.length <= mostStateMembers && members.every((member) => stateMember.test(member));
}

/** The headers of a request that belongs to the trace. Each request is a span of its own. */
export function traceHeaders(trace: TraceContext, chance: Pick<Chance, 'uuid'>): Record<string, string> {
  // The second half of a UUID, which is never zero: its first bit is the variant's 1 (RFC 9562, 4.1).
  const spanId = chance.uuid().replaceAll('-', '').slice(16);
  return {
    traceparent: `00-${trace.traceId}-${spanId}-${trace.flags}`,
    ...(trace.state === null ? {} : { tracestate: trace.state }),
  };
}
