import { Telnyx as Sdk } from 'telnyx';
import type { ReceivedRequest } from '../local-server';
import { telnyxSettings } from './telnyx';
import type { Vendor } from './vendor';

/** Telnyx's own client, with the address of the loopback vendor. */
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

/**
 * The parts of a request that matter to Telnyx, for comparisons: without the order of fields and the client's own
 * headers.
 */
export function comparableRequest({ method, url, headers, body }: ReceivedRequest) {
  const text = body.toString('utf8');
  return {
    method,
    url: decodeURIComponent(url),
    authorization: headers.authorization,
    contentType: headers['content-type'],
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}
