/**
 * libphonenumber with all numbering plans, loaded at the first number and left out of the server's one file: it takes
 * 40 ms and some megabytes.
 */
import { createRequire } from 'node:module';
import type * as Plans from 'libphonenumber-js/max';

export type { PhoneNumber, PhoneNumberType } from 'libphonenumber-js/max';

const load = createRequire(__filename);
let plans: typeof Plans | undefined;

export function numberingPlans(): typeof Plans {
  plans ??= load('libphonenumber-js/max') as typeof Plans;
  return plans;
}
