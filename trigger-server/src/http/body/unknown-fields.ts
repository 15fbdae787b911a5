/**
 * What becomes of a body's names that its route does not know. Dograh drops them without a word. Here a name is refused
 * when dropping it would do something else than its sender wants; the others are ignored, and named in the reply.
 */
import type { JsonObject, ValidationItem } from '@dograh-trigger/shared';
import * as z from 'zod';

/** Names that a route refuses, in any spelling, each with what to do instead. */
export type RefusedNames = Readonly<Record<string, string>>;

export interface FieldVerdict {
  faults: ValidationItem[];
  /** Names that did nothing, with the name of the object they stand in: `config.application_id`. */
  ignored: string[];
}

/** What a JSON parser gave, if it is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A route's names, prepared once. */
export interface FieldRules {
  known: ReadonlySet<string>;
  /** The known names by their folded form. */
  folded: ReadonlyMap<string, string>;
  /** The known names that a misspelling is recognised of, folded. */
  long: readonly string[];
  /** What to do instead, by the folded name. */
  refused: ReadonlyMap<string, string>;
}

/** Short names are near too many others. */
const fewestLetters = 8;
const mostEdits = 2;
/** A longer name is neither a misspelling nor one that is refused. */
const longestJudged = 64;
/** A reply that names more faults helps nobody. */
const mostFaults = 20;
/** Each unknown name is compared with all known ones, and a body of 1 MiB has room for 100,000. */
const mostUnknown = 1000;

/** Case, `_` and `-` tell no names apart: `callbackUrl` is `callback_url`. */
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

/** @returns undefined for a route whose body is no object, or refuses unknown names by its own schema. */
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
 * Judges the names of one object. What is null asks for nothing, so it is never refused. More than 1,000 unknown names
 * are a fault of their own, so that the cost is bounded and no name passes unjudged.
 * @param within the name of the object in the body, where it is not the body itself.
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

/** What to write instead of a name that is refused. Null: it is ignored. */
function adviceOn(rules: FieldRules, name: string, value: unknown): string | null {
  if (value === null || name.length > longestJudged) return null;
  const folded = fold(name);
  const respelt = rules.folded.get(folded);
  if (respelt !== undefined) return didYouMean(respelt);
  const refusal = rules.refused.get(folded);
  // `false` wants what happens anyway.
  if (refusal !== undefined) return value === false ? null : refusal;
  const near = rules.long.find((known) => isWithinEdits(folded, known, mostEdits));
  return near === undefined ? null : didYouMean(rules.folded.get(near) ?? near);
}

function didYouMean(name: string): string {
  return `There is no such field. Did you mean ${name}?`;
}

/**
 * Whether the optimal string alignment distance (Damerau-Levenshtein, in which no part is edited twice) is at most
 * `edits`. Where the names part, each kind of edit is tried: 4 to the power of `edits` comparisons at most.
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
