/**
 * Reads Dograh's filters: a JSON array of `{attribute, type, value}`, all of which must match. Dograh ignores what it
 * does not know, and then returns every run. With extensions on, such a filter is refused.
 */
import { jsonObject, type JsonObject } from '@dograh-trigger/shared';
import * as z from 'zod';
import { validate } from '../http/validation';
import { Problem } from '../problem';
import { attributes, type Attribute, type Criterion, type List } from './filter-attributes';

export type { Criterion, List } from './filter-attributes';

export interface Filters {
  /** The filters as they were sent; null when there are none. */
  applied: JsonObject[] | null;
  criteria: Criterion[];
}

/**
 * Reads the query parameter `filters`.
 * @param isStrict whether a filter that cannot be applied is refused; otherwise it filters nothing.
 * @throws Problem bad_request unless it is an array of objects; forbidden for an attribute that an agent's list does
 *   not have; unprocessable, if filters are strict, for anything else that would be ignored.
 */
export function readFilters(parameter: string | undefined, list: List, isStrict: boolean): Filters {
  if (parameter === undefined || parameter === '') return { applied: null, criteria: [] };
  const applied = readItems(parameter, list);
  return { applied, criteria: isStrict ? strictCriteria(applied, list) : tolerantCriteria(applied, list) };
}

function readItems(parameter: string, list: List): JsonObject[] {
  try {
    return z.array(jsonObject).parse(JSON.parse(parameter));
  } catch {
    throw malformed(list);
  }
}

function malformed(list: List): Problem {
  return new Problem('bad_request', list === 'agent' ? 'Invalid filter format' : 'Invalid filters format');
}

function tolerantCriteria(items: readonly JsonObject[], list: List): Criterion[] {
  return items.flatMap(({ attribute: name, type, value }) => {
    if (typeof name !== 'string') throw malformed(list);
    const attribute = findAttribute(name, list);
    if (attribute === undefined) {
      if (list === 'agent') throw invalidAttribute(name);
      return [];
    }
    if (attribute.types[0] !== type) return [];
    const read = attribute.tolerant.safeParse(value ?? {});
    if (!read.success) throw malformed(list);
    return read.data;
  });
}

/** The attribute, if Dograh's list has it. */
function findAttribute(name: string, list: List): Attribute | undefined {
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return attribute?.lists.includes(list) === true ? attribute : undefined;
}

function invalidAttribute(name: string): Problem {
  return new Problem('forbidden', `Invalid attribute '${name}'`);
}

function strictCriteria(items: readonly JsonObject[], list: List): Criterion[] {
  for (const { attribute: name } of items) {
    // Dograh's own refusal takes precedence over ours.
    if (list === 'agent' && typeof name === 'string' && findAttribute(name, list) === undefined) {
      throw invalidAttribute(name);
    }
  }
  return validate(strictFilters[list], { filters: items }, 'query').filters.flat();
}

const strictFilters = { agent: strictSchema('agent'), organization: strictSchema('organization') };

/** The types of an attribute have different keys in their values, so an item without a type is accepted as well. */
function strictSchema(list: List) {
  const items = strictAttributes(list).map(([name, { types, strict }]) =>
    z
      .strictObject(
        { attribute: z.literal(name), type: z.enum(types).nullish(), value: strict },
        {
          error: ({ code }) =>
            code === 'unrecognized_keys'
              ? 'Input should have attribute, type and value, and no other keys'
              : undefined,
        },
      )
      .transform(({ value }) => value),
  );
  const names = strictAttributes(list).map(([name]) => name);
  const item = z.discriminatedUnion('attribute', items as [(typeof items)[number], ...typeof items], {
    error: `There is no filter by this attribute here. There are: ${names.join(', ')}`,
  });
  return z.object({ filters: z.array(item) });
}

/** With strict filters, the organization's list also has the attributes of an agent's list. */
function strictAttributes(list: List): [string, Attribute][] {
  return Object.entries(attributes).filter(
    ([, { lists }]) => list === 'organization' || lists.includes(list),
  );
}

/**
 * The filter that a query parameter of this name was meant to be: `called_number` is the attribute `calledNumber` of
 * `filters`.
 * @returns undefined for a name that is not a filter's.
 */
export function filterMeantBy(parameter: string, list: List): string | undefined {
  const folded = parameter.toLowerCase().replace(/[_-]/g, '');
  if (folded === 'filter') return 'filters';
  const wanted = folded === 'startdate' || folded === 'enddate' ? 'daterange' : folded;
  const found = strictAttributes(list).find(([name]) => name.toLowerCase() === wanted);
  return found === undefined ? undefined : `filters, with the attribute ${found[0]}`;
}
