/** The addresses that an API key may be sent to: https://, this machine and private networks. */

/** Hosts that are not on the public internet. Names are not resolved, because n8n forbids DNS queries. */
const privateHosts = [
  // One label, or a domain that is not in the public DNS (RFC 6761, RFC 6762, ICANN's reservation of .internal).
  String.raw`[a-z_][a-z0-9_-]*`,
  String.raw`(?:[a-z0-9_-]+\.)+(?:local|internal|localhost)`,
  // RFC 1122, RFC 1918, RFC 3927 and RFC 6598.
  String.raw`0\.0\.0\.0`,
  String.raw`(?:127|10)(?:\.[0-9]{1,3}){3}`,
  String.raw`172\.(?:1[6-9]|2[0-9]|3[01])(?:\.[0-9]{1,3}){2}`,
  String.raw`(?:192\.168|169\.254)(?:\.[0-9]{1,3}){2}`,
  String.raw`100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])(?:\.[0-9]{1,3}){2}`,
  // RFC 4291 and RFC 4193.
  String.raw`\[(?:::1|(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:.]*)\]`,
];

/**
 * A case-insensitive regular expression, for places that cannot call this package (the test of n8n's credential).
 * Only a port or a path may follow the host: `http://10.0.0.1@example.com` leads to example.com.
 */
export const confidentialUrlPattern = `^(?:https://|http://(?:${privateHosts.join('|')})(?::[0-9]*)?(?:/|$))`;

const confidentialUrl = new RegExp(confidentialUrlPattern, 'i');

/** @param url as `normalizeBaseUrl` returns it, with IPv4 addresses in their usual notation. */
export function isConfidentialUrl(url: string): boolean {
  return confidentialUrl.test(url);
}
