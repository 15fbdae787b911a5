/** How a vendor of this dialect signs its requests: https://www.twilio.com/docs/usage/security#validating-requests */
import { createHmac } from 'node:crypto';
import { formEntries } from '../../kit/form';
import { sameSecret } from '../../../same-secret';
import type { CallbackRequest } from '../../port/callback';

/**
 * Whether a header is the HMAC-SHA1 over the URL and the form.
 * @param header the vendor's own, e.g. `X-Twilio-Signature`.
 */
export function isSigned(header: string, authToken: string, request: CallbackRequest): boolean {
  const given = request.header(header);
  const form = signedForm(request);
  return urlSpellings(request.url).some((url) =>
    sameSecret(createHmac('sha1', authToken).update(`${url}${form}`).digest('base64'), given),
  );
}

/** The names in the order of their code units, each with its values. A repeated value counts once. */
function signedForm(request: CallbackRequest): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of formEntries(request)) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => `${name}${value}`))
    .join('');
}

/** A vendor's servers sign the URL with or without its port, so both are accepted, as in Twilio's own SDKs. */
function urlSpellings(url: string): string[] {
  const [, scheme, host, port, rest] =
    /^((?:https?|wss?):\/\/)([^/?#]*?)(:\d+)?((?:[/?#].*)?)$/i.exec(url) ?? [];
  if (scheme === undefined || host === undefined || rest === undefined) return [];
  const explicitPort = port ?? (/^(?:https|wss):/i.test(scheme) ? ':443' : ':80');
  return [`${scheme}${host}${rest}`, `${scheme}${host}${explicitPort}${rest}`];
}
