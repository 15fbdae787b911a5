import { Telnyx as Sdk } from 'telnyx';
import type { ReceivedRequest } from '../local-server';
import { telnyxSettings } from './telnyx';
import type { Vendor } from './vendor';

/** Telnyx's own client, led to the loopback vendor. */
export function telnyxSdk(vendor: Vendor): Sdk {
  return new Sdk({
    apiKey: telnyxSettings.api_key,
    publicKey: telnyxSettings.webhook_public_key,
    maxRetries: 0,
    fetch: (url, options) => {
      if (typeof url !== 'string') throw new Error('The SDK asks for text addresses');
      const { pathname, search } = new URL(url);
      return fetch(`${vendor.origin}${pathname}${search}`, options);
    },
  });
}

/** A request as Telnyx reads it: neither the order of fields nor a client's own headers matter. */
export function telnyxFacts({ method, url, headers, body }: ReceivedRequest) {
  const text = body.toString('utf8');
  return {
    method,
    url: decodeURIComponent(url),
    authorization: headers.authorization,
    contentType: headers['content-type'],
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}
