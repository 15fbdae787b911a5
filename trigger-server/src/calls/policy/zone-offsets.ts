/** Offsets of time zones from UTC, from the time zone database that Node carries in ICU and renews with each release. */

/** A time in which the wall clock of a zone does not change. */
interface Span {
  /** Minutes that the wall clock is ahead of UTC. */
  offset: number;
  /** The first minute since 1970 (UTC) that is not in the span. */
  until: number;
}

/**
 * Spans are looked for in blocks of a week: no zone changes its clock twice in one. The shortest pause is the Ramadan
 * of Morocco, about four weeks.
 */
const minutesPerBlock = 7 * 24 * 60;

// Enough for a year of all zones of the largest country. Bounded, because a request may name any instant.
const maxBlocks = 4096;
const blocks = new Map<string, readonly Span[]>();

/** The span of a zone around a minute since 1970 (UTC). @throws RangeError for a time zone that does not exist. */
export function spanAt(timeZone: string, minute: number): Span {
  const block = Math.floor(minute / minutesPerBlock);
  const key = `${String(block)} ${timeZone}`;
  let spans = blocks.get(key);
  if (spans === undefined) {
    spans = readBlock(timeZone, block * minutesPerBlock);
    if (blocks.size >= maxBlocks) blocks.clear();
    blocks.set(key, spans);
  }
  const span = spans.find(({ until }) => minute < until);
  if (span === undefined) throw new Error('The minute is not in its block');
  return span;
}

/** One span, or two for a block in which the clock changes. */
function readBlock(timeZone: string, begin: number): Span[] {
  const end = begin + minutesPerBlock;
  const before = readOffset(timeZone, begin);
  const after = readOffset(timeZone, end);
  if (before === after) return [{ offset: before, until: end }];
  let [last, change] = [begin, end];
  while (change - last > 1) {
    const middle = Math.floor((last + change) / 2);
    if (readOffset(timeZone, middle) === before) last = middle;
    else change = middle;
  }
  return [
    { offset: before, until: change },
    { offset: after, until: end },
  ];
}

const formats = new Map<string, Intl.DateTimeFormat>();

function readOffset(timeZone: string, minute: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const parts = format.formatToParts(minute * 60_000);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  // `GMT`, `GMT+05:30`; until about 1970 some zones also have seconds, which do not matter here.
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -offset : offset;
}
