/** The n8n version of the suite: `N8N_VERSION=1.85.4 npm run test:n8n`. */

/** n8n 2.41.3 cannot be installed: it depends on a package that was never published. */
const usualVersion = '2.41.1';

export const n8nVersion = process.env.N8N_VERSION ?? usualVersion;

export const isUsualN8n = n8nVersion === usualVersion;

export function isN8nBefore(major: number, minor: number): boolean {
  const [itsMajor = NaN, itsMinor = NaN] = n8nVersion.split('.').map(Number);
  return itsMajor === major ? itsMinor < minor : itsMajor < major;
}

/** Of n8n 1 the suite runs on 1.85, the oldest supported version. */
export const isN8n1 = isN8nBefore(2, 0);

/** n8n 2.33 drops the cause of a request's error; 2.34 keeps it. */
export const losesCauses = !isN8n1 && isN8nBefore(2, 34);

/**
 * `test` if the guarantee applies to this n8n, otherwise a skipped test; the reason is printed.
 *
 * @param canHold whether this n8n has the tested feature. @param reason a sentence about the skipped test.
 */
export function testIf(canHold: boolean, reason: string): jest.It {
  if (canHold) return test;
  process.stderr.write(`Skipped on n8n ${n8nVersion}: ${reason}\n`);
  return test.skip;
}
