/**
 * Writes `src/calls/policy/prefix-time-zones.data.ts` from the table of libphonenumber:
 *
 *     curl -sSO https://raw.githubusercontent.com/google/libphonenumber/v9.0.35/resources/timezones/map_data.txt
 *     node trigger-server/scripts/write-prefix-time-zones.mjs map_data.txt v9.0.35
 *
 * Entries that say the same as a shorter prefix are left out, and so are calling codes: what a whole country has, the
 * time zone database knows better.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';

const [source, release] = process.argv.slice(2);
if (source === undefined || release === undefined) {
  throw new Error('Name the file and the release: write-prefix-time-zones.mjs map_data.txt v9.0.35');
}

const rows = new Map(
  readFileSync(source, 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split('|')),
);
const callingCodes = new Set(getCountries().map((country) => getCountryCallingCode(country)));

/** Its shorter prefixes, longest first, without the calling code. Null for the calling code itself. */
function shorterPrefixes(prefix) {
  const lengths = [1, 2, 3].filter((length) => callingCodes.has(prefix.slice(0, length)));
  if (lengths.length === 0) throw new Error(`No country has the calling code of ${prefix}`);
  const [codeLength] = lengths;
  if (prefix.length === codeLength) return null;
  const shorter = [];
  for (let length = prefix.length - 1; length > codeLength; length -= 1)
    shorter.push(prefix.slice(0, length));
  return shorter;
}

const prefixesByZones = new Map();
for (const [prefix, zones] of rows) {
  const shorter = shorterPrefixes(prefix);
  if (shorter === null || rows.get(shorter.find((one) => rows.has(one))) === zones) continue;
  prefixesByZones.set(zones, [...(prefixesByZones.get(zones) ?? []), prefix]);
}
const lines = [...prefixesByZones].map(([zones, prefixes]) => `  '${zones} ${prefixes.join(',')}',`);

writeFileSync(
  new URL('../src/calls/policy/prefix-time-zones.data.ts', import.meta.url),
  `/**
 * Written by scripts/write-prefix-time-zones.mjs, not by hand. Each line: time zones, then the prefixes (calling code and
 * area code) that have them.
 *
 * From resources/timezones/map_data.txt of libphonenumber ${release}, in another form and without its redundant entries.
 * Copyright (C) 2012 The Libphonenumber Authors. Licensed under the Apache License, Version 2.0:
 * http://www.apache.org/licenses/LICENSE-2.0
 */
export const zonesByPrefix: readonly string[] = [
${lines.sort().join('\n')}
];
`,
);
