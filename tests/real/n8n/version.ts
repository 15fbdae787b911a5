/** The n8n that the suite runs in: `N8N_VERSION=1.85.4 npm run test:n8n`. */

/** n8n 2.41.3 does not install: it asks for a package that was never published. */
const usualVersion = '2.41.1';

export const n8nVersion = process.env.N8N_VERSION ?? usualVersion;

export const isUsualN8n = n8nVersion === usualVersion;

export function isN8nBefore(major: number, minor: number): boolean {
  const [itsMajor = NaN, itsMinor = NaN] = n8nVersion.split('.').map(Number);
  return itsMajor === major ? itsMinor < minor : itsMajor < major;
}

/** Of these the suite runs on 1.85, the oldest that the package promises to work with. */
export const isN8n1 = isN8nBefore(2, 0);

/** n8n 2.33, and not 2.34 any more, forgets what an error of a request was caused by. */
export const losesCauses = !isN8n1 && isN8nBefore(2, 34);

/**
 * `test` where it can hold, and otherwise one that is skipped; the reason is printed.
 *
 * @param canHold whether this n8n has what the test is about.
 * @param reason a sentence about what is left out.
 */
export function testIf(canHold: boolean, reason: string): jest.It {
  if (canHold) return test;
  process.stderr.write(`Skipped on n8n ${n8nVersion}: ${reason}\n`);
  return test.skip;
}
