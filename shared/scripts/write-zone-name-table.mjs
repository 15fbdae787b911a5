/**
 * Writes `src/template/zone-name-table.ts` anew after the time zone database has changed, on a machine with
 * `/usr/share/zoneinfo`: `node shared/scripts/write-zone-name-table.mjs`. The last line of each file there says how its zone is called from now on, as
 * in `CET-1CEST,M3.5.0,M10.5.0/3` (RFC 9636, 3.3).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const database = '/usr/share/zoneinfo';
const footer =
  /\n(?<name><[^>]+>|[A-Za-z]+)(?<offset>[^A-Za-z<,]+)(?:(?<summer><[^>]+>|[A-Za-z]+)(?<ahead>[^,]*),\S+)?\n$/;

/** Zones are files; those of `posix/` and `right/` are other forms of the same. */
function zonesIn(folder = '') {
  return readdirSync(join(database, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = join(folder, entry.name);
    // `Factory` is what a machine has that nobody has given a zone.
    if (!/^[A-Z]/.test(name) || name === 'Factory') return [];
    if (entry.isDirectory()) return zonesIn(name);
    return readFileSync(join(database, name)).toString('latin1', 0, 4) === 'TZif' ? [name] : [];
  });
}

/** `-5:30`, hours west of Greenwich, in minutes east of it. */
function minutesEast(text) {
  const [, sign, hours, minutes = '0'] = /^([+-]?)(\d+)(?::(\d+))?$/.exec(text);
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? 1 : -1);
}

/** `CET 60 CEST 120`; empty for a zone that has numbers for names. */
function namesOf(zone) {
  const { name, offset, summer, ahead } = footer.exec(readFileSync(join(database, zone), 'latin1')).groups;
  if (name.startsWith('<')) return '';
  const winter = minutesEast(offset);
  const names = [[name, winter]];
  if (summer !== undefined) names.push([summer, ahead === '' ? winter + 60 : minutesEast(ahead)]);
  return names
    .sort(([, one], [, other]) => one - other)
    .flat()
    .join(' ');
}

const zonesByNames = new Map();
for (const zone of zonesIn().sort()) {
  const names = namesOf(zone);
  zonesByNames.set(names, [...(zonesByNames.get(names) ?? []), zone]);
}
const [version] = /\S+$/m.exec(readFileSync(join(database, 'tzdata.zi'), 'utf8').split('\n')[0]);
const lines = [...zonesByNames].sort().map(([names, zones]) => `  '${names}': '${zones.join(' ')}',`);
writeFileSync(
  new URL('../src/template/zone-name-table.ts', import.meta.url),
  `/**
 * The zone abbreviations of the time zone database (${version}) from 2026 on. Each abbreviation is followed by its
 * minutes east of Greenwich. The first entry has the zones without letters. Written by
 * \`shared/scripts/write-zone-name-table.mjs\`.
 */
export const zonesByNames: Readonly<Record<string, string>> = {
${lines.join('\n')}
};
`,
);
