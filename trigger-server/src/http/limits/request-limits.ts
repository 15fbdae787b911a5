/**
 * How many requests are taken of one key (or of one user who is signed in), and of one address without either. A key's
 * requests do not count for its address: n8n's and Zapier's clouds send those of many people from one.
 */
import type { Clock } from '../../clock';
import type { Config } from '../../config';
import { Problem } from '../../problem';
import type { Caller } from './caller-address';
import type { Identity } from '../route';
import { TokenBuckets } from './token-buckets';

/** How many seconds of its rate may come at once. */
const burstSeconds = 4;

export interface RequestLimits {
  /** One more request with a good key or session. @throws Problem busy, with the code `rate_limited`. */
  countIdentity(identity: Identity, isLocal: boolean): void;
  /** One more request of nobody who is known. @throws Problem busy, with the code `rate_limited`. */
  countStranger(caller: Caller): void;
}

/** Programs of this machine have no limits. */
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
      if (seconds > 0) throw tooMany({ policy, whose, perSecond, withHeaders }, Math.ceil(seconds));
    };
  }

  return {
    countIdentity({ apiKeyId, userId }, isLocal) {
      // Keys and users are counted from 1: the user is told apart by the sign.
      if (!isLocal) ofIdentity(apiKeyId ?? -(userId ?? 0));
    },
    countStranger(caller) {
      if (!caller.isLocal) ofAddress(caller.address);
    },
  };
}

/** With the fields of the IETF draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10). */
function tooMany(
  limit: { policy: string; whose: string; perSecond: number; withHeaders: boolean },
  seconds: number,
): Problem {
  const { policy, whose, perSecond } = limit;
  return new Problem(
    'busy',
    `Too many requests ${whose}: ${String(perSecond)} a second are taken. Nothing was done; send them more slowly.`,
    {
      code: 'rate_limited',
      comeAgainSeconds: seconds,
      headers: limit.withHeaders
        ? {
            'RateLimit-Policy': `"${policy}";q=${String(perSecond * burstSeconds)};w=${String(burstSeconds)}`,
            RateLimit: `"${policy}";r=0;t=${String(seconds)}`,
          }
        : {},
    },
  );
}
