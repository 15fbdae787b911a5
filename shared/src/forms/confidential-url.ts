/** To which addresses an API key may go: encrypted ones, and those of this machine and of private networks. */

/** What no address of the internet looks like. Names are judged as they stand: n8n forbids a look-up. */
const privateHosts = [
  // One label, or a domain that the public DNS does not have (RFC 6761, RFC 6762, ICANN's reservation of .internal).
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
 * A regular expression, not case-sensitive, for where no code of this package runs (the test of n8n's credential).
 * Behind a host nothing but a port or a path: `http://10.0.0.1@example.com` leads to example.com.
 */
export const confidentialUrlPattern = `^(?:https://|http://(?:${privateHosts.join('|')})(?::[0-9]*)?(?:/|$))`;

const confidentialUrl = new RegExp(confidentialUrlPattern, 'i');

/** @param url in the form of `normalizeBaseUrl`, which knows an IPv4 address in every spelling. */
export function isConfidentialUrl(url: string): boolean {
  return confidentialUrl.test(url);
}
