/** The time zones of a number, by its first digits. */
import { zonesByPrefix } from './prefix-time-zones.data';

let table: ReadonlyMap<string, readonly string[]> | undefined;
let longest = 0;

/**
 * The IANA time zones of the area to which the numbering plan assigns the number, after the longest known prefix.
 * @param digits the number in E.164, without the plus.
 * @param callingCode its first digits. A prefix is longer than the calling code: the code alone tells the country.
 * @returns an empty list where no prefix is known.
 */
export function timeZonesOfPrefix(digits: string, callingCode: string): readonly string[] {
  table ??= readTable();
  for (let length = Math.min(longest, digits.length); length > callingCode.length; length -= 1) {
    const zones = table.get(digits.slice(0, length));
    if (zones !== undefined) return zones;
  }
  return [];
}

/** Read at the first number that needs it: the servers of most organizations never do. */
function readTable(): ReadonlyMap<string, readonly string[]> {
  const entries = new Map<string, readonly string[]>();
  for (const line of zonesByPrefix) {
    const [names = '', prefixes = ''] = line.split(' ');
    const zones = names.split('&');
    for (const prefix of prefixes.split(',')) {
      entries.set(prefix, zones);
      longest = Math.max(longest, prefix.length);
    }
  }
  return entries;
}
