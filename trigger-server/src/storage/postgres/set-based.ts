/**
 * One statement for many: the same query with other values, asked several times at once, becomes a single query over
 * arrays of values. PostgreSQL then plans and runs it once.
 */
import type { BindValue, QueryOutcome } from '../port';

export type Row = Record<string, unknown>;
export type Ask = (text: string, values: readonly unknown[]) => Promise<QueryOutcome<Row>>;

/** `values[n]` are those of the n-th asker. */
interface SetBased {
  text: string;
  /** One array a parameter. */
  values: BindValue[][];
}

/** How a query is asked for many, without the types of its values. */
interface Shape {
  /** Whether each row of the answer names its asker; the rows of inserts come in the order of the askers instead. */
  namesAsker: boolean;
  /** The position of the value that tells which rows are changed: askers with different ones change different rows. */
  keyPosition: number | null;
  /** @param asked the relation of all values. */
  textFor(asked: string, kinds: readonly Kind[]): string;
}

/** The type of a parameter's column: the schema has only texts and whole numbers. `null`: all values are null. */
type Kind = 'text' | 'bigint' | 'null';

/** In an answer: whose row it is. */
const askerColumn = 'asker__';
const placeColumn = 'place__';

/** PostgreSQL allows no variable there, so that each asker's own value cannot stand in one statement. */
const notForSets = /\b(?:limit|offset) \$\d|\bfor (?:no key )?(?:update|share)\b/;
const insertForm = /^(insert into "\w+" \([^)]*\)) values \((.*)\)( returning .+)?$/s;
const updateForm = /^update ("\w+") set (.+?) where ("\w+" = \$(\d+)(?: and .+?)?)( returning .+)?$/s;
const deleteForm = /^delete from ("\w+") where ("\w+" = \$(\d+)(?: and .+?)?)( returning .+)?$/s;

/**
 * Runs `ask` as rarely as possible. Changes are made together only where each asker changes rows of its own; others are
 * made one after another, in order.
 * @param text a compiled query with parameters `$1`, `$2` …
 * @param askers the values of each asker.
 * @returns the outcome of each.
 */
export async function askForMany(
  text: string,
  askers: readonly (readonly BindValue[])[],
  ask: Ask,
): Promise<QueryOutcome<Row>[]> {
  const outcomes: QueryOutcome<Row>[] = [];
  for (const round of roundsOf(text, askers)) {
    const own = round.map((index) => askers[index] ?? []);
    const together = forMany(text, own);
    if (together === null) {
      const answers = await Promise.all(own.map((values) => ask(text, values)));
      round.forEach((index, place) => {
        outcomes[index] = answers[place] ?? { rows: [], changes: 0 };
      });
      continue;
    }
    const answered = await ask(together.text, together.values);
    divide(answered.rows, text, own.length).forEach((outcome, place) => {
      outcomes[round[place] ?? 0] = outcome;
    });
  }
  return outcomes;
}

/** Askers by their places; those of one round change different rows. */
function roundsOf(text: string, askers: readonly (readonly BindValue[])[]): number[][] {
  const position = shapeOf(text)?.keyPosition ?? null;
  if (position === null) return [askers.map((_, index) => index)];
  const rounds: number[][] = [];
  const seen = new Map<BindValue, number>();
  askers.forEach((values, index) => {
    const key = values[position] ?? null;
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    (rounds[round] ??= []).push(index);
  });
  return rounds;
}

/** @returns null for a query that cannot be asked for many at once, or is asked for one only. */
function forMany(text: string, askers: readonly (readonly BindValue[])[]): SetBased | null {
  const count = askers[0]?.length ?? 0;
  const shape = askers.length < 2 || count === 0 ? null : shapeOf(text);
  if (shape === null) return null;
  const kinds: Kind[] = [];
  const values: BindValue[][] = [];
  for (let index = 0; index < count; index += 1) {
    const column = askers.map((asker) => asker[index] ?? null);
    const kind = kindOf(column);
    if (kind === null) return null;
    kinds.push(kind);
    values.push(column);
  }
  return { text: textFor(shape, kinds), values };
}

function kindOf(values: readonly BindValue[]): Kind | null {
  let kind: Kind = 'null';
  for (const value of values) {
    if (value === null) continue;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
    const own = typeof value === 'number' ? 'bigint' : 'text';
    if (kind !== 'null' && kind !== own) return null;
    kind = own;
  }
  return kind;
}

/** Filters produce texts without limit; only so many are remembered. */
const mostShapes = 500;
const shapes = new Map<string, Shape | null>();
const texts = new WeakMap<Shape, Map<string, string>>();

function shapeOf(text: string): Shape | null {
  let shape = shapes.get(text);
  if (shape === undefined) {
    shape = notForSets.test(text)
      ? null
      : (ofSelect(text) ?? ofInsert(text) ?? ofUpdate(text) ?? ofDelete(text));
    if (shapes.size < mostShapes) shapes.set(text, shape);
  }
  return shape;
}

function textFor(shape: Shape, kinds: readonly Kind[]): string {
  const known = texts.get(shape) ?? new Map<string, string>();
  texts.set(shape, known);
  const key = kinds.join();
  let text = known.get(key);
  if (text === undefined) {
    const arrays = kinds
      .map((kind, index) => `$${index + 1}::${kind === 'null' ? 'text' : kind}[]`)
      .join(', ');
    const names = kinds.map((_, index) => parameterName(index + 1)).join(', ');
    text = shape.textFor(`unnest(${arrays}) with ordinality as asked(${names}, ${askerColumn})`, kinds);
    known.set(key, text);
  }
  return text;
}

function ofSelect(text: string): Shape | null {
  if (!text.startsWith('select ')) return null;
  return {
    namesAsker: true,
    keyPosition: null,
    textFor: (asked, kinds) =>
      `select asked.${askerColumn}, answer.* from ${asked} ` +
      `cross join lateral (select found.*, row_number() over () as ${placeColumn} from (${withNames(text, kinds)}) as found) as answer ` +
      `order by asked.${askerColumn}, answer.${placeColumn}`,
  };
}

/** The rows are inserted, and returned, in the order of the askers. */
function ofInsert(text: string): Shape | null {
  const [, head = '', values = '', returning = ''] = insertForm.exec(text) ?? [];
  const isFit = head !== '' && !values.includes('), (') && !text.includes(' on conflict ');
  if (!isFit) return null;
  return {
    namesAsker: false,
    keyPosition: null,
    textFor: (asked, kinds) =>
      `${head} select ${withNames(values, kinds)} from ${asked} order by asked.${askerColumn}${
        returning === '' ? ' returning 1 as one' : returning
      }`,
  };
}

function ofUpdate(text: string): Shape | null {
  const [, table, set = '', where = '', key, returning = ''] = updateForm.exec(text) ?? [];
  if (table === undefined || set.includes('(select ')) return null;
  return {
    namesAsker: true,
    keyPosition: Number(key) - 1,
    textFor: (asked, kinds) =>
      `update ${table} set ${withNames(set, kinds)} from ${asked} where ${withNames(where, kinds)} ${returningAsker(returning)}`,
  };
}

function ofDelete(text: string): Shape | null {
  const [, table, where = '', key, returning = ''] = deleteForm.exec(text) ?? [];
  if (table === undefined) return null;
  return {
    namesAsker: true,
    keyPosition: Number(key) - 1,
    textFor: (asked, kinds) =>
      `delete from ${table} using ${asked} where ${withNames(where, kinds)} ${returningAsker(returning)}`,
  };
}

function returningAsker(returning: string): string {
  const own = returning === '' ? '' : `, ${returning.slice(' returning '.length)}`;
  return `returning asked.${askerColumn}${own}`;
}

function parameterName(number: number): string {
  return `value_${number}__`;
}

/** Replaces `$1` by `asked.value_1__`, but not inside quotes. A literal null fits a column of any type. */
function withNames(text: string, kinds: readonly Kind[]): string {
  return text.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)/g,
    (whole: string, number: string | undefined) => {
      if (number === undefined) return whole;
      return kinds[Number(number) - 1] === 'null' ? 'null' : `asked.${parameterName(Number(number))}`;
    },
  );
}

/** @param rows of a query that was asked for many. @returns the outcome of each asker. */
function divide(rows: readonly Row[], text: string, askers: number): QueryOutcome<Row>[] {
  if (shapeOf(text)?.namesAsker === false) {
    const isReturned = text.includes(' returning ');
    return rows.map((row) => ({ rows: isReturned ? [row] : [], changes: 1 }));
  }
  const hasRows = text.startsWith('select ') || text.includes(' returning ');
  const outcomes = Array.from({ length: askers }, (): QueryOutcome<Row> => ({ rows: [], changes: 0 }));
  for (const { [askerColumn]: asker, [placeColumn]: _, ...row } of rows) {
    const outcome = outcomes[Number(asker) - 1];
    if (outcome === undefined) continue;
    if (hasRows) outcome.rows.push(row);
    outcome.changes += 1;
  }
  return outcomes;
}
