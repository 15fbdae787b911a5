/**
 * Field names of a body that its route does not know. Dograh drops them silently. Here a name is refused when dropping
 * it would change what the sender meant; other names are ignored, and listed in the reply.
 */
import type { JsonObject, ValidationItem } from '@dograh-trigger/shared';
import * as z from 'zod';

/** Names that a route refuses in any spelling, each with advice on what to send instead. */
export type RefusedNames = Readonly<Record<string, string>>;

export interface FieldVerdict {
  faults: ValidationItem[];
  /** Ignored names, with the name of the object that holds them: `config.application_id`. */
  ignored: string[];
}

/** Whether a parsed JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The known and refused names of one route, prepared once. */
export interface FieldRules {
  known: ReadonlySet<string>;
  /** The known names by their folded form. */
  folded: ReadonlyMap<string, string>;
  /** The known names long enough to recognise a misspelling of, folded. */
  long: readonly string[];
  /** The advice, by folded name. */
  refused: ReadonlyMap<string, string>;
}

/** Shorter names are within two edits of too many others. */
const fewestLetters = 8;
const mostEdits = 2;
/** A longer name is always ignored. */
const longestJudged = 64;
/** A reply with more faults helps nobody. */
const mostFaults = 20;
/** Each unknown name is compared with every known one, and a body of 1 MiB can hold 100,000 names. */
const mostUnknown = 1000;

/** Names that differ only in case, `_` and `-` count as equal: `callbackUrl` is `callback_url`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

export function fieldRules(known: readonly string[], refused: RefusedNames = {}): FieldRules {
  const folded = new Map(known.map((name) => [fold(name), name]));
  return {
    known: new Set(known),
    folded,
    long: [...folded.keys()].filter((name) => name.length >= fewestLetters),
    refused: new Map(Object.entries(refused).map(([name, advice]) => [fold(name), advice])),
  };
}

/** @returns undefined for a route whose body is not an object, or whose schema refuses unknown names itself. */
export function rulesOfBody(route: {
  body: z.ZodType | undefined;
  refusedFields?: RefusedNames;
  idleFields?: readonly string[];
}): FieldRules | undefined {
  const { body, refusedFields, idleFields = [] } = route;
  if (!(body instanceof z.ZodObject) || body.def.catchall instanceof z.ZodNever) return undefined;
  const known = Object.keys(body.shape).filter((name) => !idleFields.includes(name));
  return fieldRules(known, refusedFields);
}

/**
 * Judges the names of one object. A field that is null is never refused. More than 1,000 unknown names are a fault of
 * their own, so that the cost is bounded and no name is skipped.
 * @param within the name of the object inside the body; undefined for the body itself.
 */
export function judgeFields(rules: FieldRules, object: JsonObject, within?: string): FieldVerdict {
  const faults: ValidationItem[] = [];
  const ignored: string[] = [];
  const names = Object.keys(object);
  const unknown = names.filter((name) => !rules.known.has(name));
  const place = within === undefined ? ['body'] : ['body', within];
  const refuse = (loc: string[], msg: string) => {
    faults.push({ type: 'unknown_field', loc, msg, input: null });
  };
  for (const name of unknown.slice(0, mostUnknown)) {
    const advice = adviceOn(rules, name, object[name]);
    if (advice === null) ignored.push(within === undefined ? name : `${within}.${name}`);
    else refuse([...place, name], advice);
    if (faults.length === mostFaults) return { faults, ignored };
  }
  const asksForNothing = (name: string) => object[name] === null || object[name] === false;
  if (unknown.length > mostUnknown) {
    refuse(place, `There are more than ${mostUnknown} names here that are not known. Leave them out.`);
  } else if (faults.length === 0 && unknown.length === names.length && !unknown.every(asksForNothing)) {
    refuse(place, `Nothing of this is known here. Known are: ${[...rules.known].join(', ')}`);
  }
  return { faults, ignored };
}

/** The advice for a name that is refused; null when the name is ignored. */
function adviceOn(rules: FieldRules, name: string, value: unknown): string | null {
  if (value === null || name.length > longestJudged) return null;
  const folded = fold(name);
  const respelt = rules.folded.get(folded);
  if (respelt !== undefined) return didYouMean(respelt);
  const refusal = rules.refused.get(folded);
  // `false` asks for what happens anyway.
  if (refusal !== undefined) return value === false ? null : refusal;
  const near = rules.long.find((known) => isWithinEdits(folded, known, mostEdits));
  return near === undefined ? null : didYouMean(rules.folded.get(near) ?? near);
}

function didYouMean(name: string): string {
  return `There is no such field. Did you mean ${name}?`;
}

/**
 * Whether the optimal string alignment distance (Damerau-Levenshtein in which no part is edited twice) is at most
 * `edits`. At the first difference each kind of edit is tried: at most 4 to the power of `edits` comparisons.
 */
export function isWithinEdits(one: string, other: string, edits: number, i = 0, j = 0): boolean {
  if (Math.abs(one.length - i - (other.length - j)) > edits) return false;
  while (i < one.length && one[i] === other[j]) {
    i += 1;
    j += 1;
  }
  if (i === one.length || j === other.length) return one.length - i + (other.length - j) <= edits;
  if (edits === 0) return false;
  return (
    isWithinEdits(one, other, edits - 1, i + 1, j + 1) ||
    isWithinEdits(one, other, edits - 1, i + 1, j) ||
    isWithinEdits(one, other, edits - 1, i, j + 1) ||
    (one[i] === other[j + 1] && one[i + 1] === other[j] && isWithinEdits(one, other, edits - 1, i + 2, j + 2))
  );
}
