/**
 * Limits requests by API key (or by signed-in user), and by address where there is neither. A key's requests do not
 * count for its address, because the clouds of n8n and Zapier send those of many users from one.
 */
import type { Clock } from '../../clock';
import type { Config } from '../../config';
import { Problem } from '../../problem';
import type { Caller } from './caller-address';
import type { Identity } from '../route';
import { TokenBuckets } from './token-buckets';

/** A burst may hold this many seconds of the rate. */
const burstSeconds = 4;

export interface RequestLimits {
  /** Counts a request with a valid key or session. @throws Problem busy, with the code `rate_limited`. */
  countIdentity(identity: Pick<Identity, 'apiKeyId' | 'userId'>, isLocal: boolean): void;
  /** Counts an unauthenticated request. @throws Problem busy, with the code `rate_limited`. */
  countStranger(caller: Caller): void;
}

/** Requests from this machine have no limits. */
export function createRequestLimits(host: {
  config: Pick<Config, 'requestsPerSecond' | 'extensions'>;
  clock: Clock;
}): RequestLimits {
  const { perKey, perAddress } = host.config.requestsPerSecond;
  // Plain Dograh has no such headers.
  const withHeaders = host.config.extensions.size > 0;
  const ofIdentity = limit('key', 'with this API key or session', perKey);
  const ofAddress = limit('address', 'from this address without a valid API key', perAddress);

  function limit(policy: string, whose: string, perSecond: number): (name: string | number) => void {
    if (perSecond === 0) return () => undefined;
    const buckets = new TokenBuckets(perSecond, perSecond * burstSeconds);
    return (name) => {
      const seconds = buckets.take(name, host.clock.steady().getTime());
      if (seconds > 0) throw tooManyRequests({ policy, whose, perSecond, withHeaders }, Math.ceil(seconds));
    };
  }

  return {
    countIdentity({ apiKeyId, userId }, isLocal) {
      // Key ids and user ids both start at 1, so a user's bucket has the negative id.
      if (!isLocal) ofIdentity(apiKeyId ?? -(userId ?? 0));
    },
    countStranger(caller) {
      if (!caller.isLocal) ofAddress(caller.address);
    },
  };
}

/** Sets the headers of the IETF draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10). */
function tooManyRequests(
  limit: { policy: string; whose: string; perSecond: number; withHeaders: boolean },
  seconds: number,
): Problem {
  const { policy, whose, perSecond } = limit;
  return new Problem(
    'busy',
    `Too many requests ${whose}: ${String(perSecond)} a second are taken. Nothing was done; send them more slowly.`,
    {
      code: 'rate_limited',
      retryAfterSeconds: seconds,
      headers: limit.withHeaders
        ? {
            'RateLimit-Policy': `"${policy}";q=${String(perSecond * burstSeconds)};w=${String(burstSeconds)}`,
            RateLimit: `"${policy}";r=0;t=${String(seconds)}`,
          }
        : {},
    },
  );
}
