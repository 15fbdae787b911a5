/**
 * Translates zod's issues into pydantic's words, the form of Dograh's 422 bodies, so that a client of Dograh can read
 * them.
 */
import type { ValidationItem } from '@dograh-trigger/shared';
import type * as z from 'zod';
import { Problem } from '../problem';

type Place = 'body' | 'query' | 'path';

const pydanticMessages = {
  reportInput: true,
  // A message that the schema itself sets takes precedence.
  error: (issue: z.core.$ZodRawIssue) => describe(issue).msg,
};

/**
 * Checks `value` against `schema`.
 * @param further faults that were found by other checks.
 * @throws Problem unprocessable, with one item for each invalid place.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
  further: readonly ValidationItem[] = [],
): z.output<Schema> {
  const parsed = schema.safeParse(value, pydanticMessages);
  if (parsed.success && further.length === 0) return parsed.data;
  const invalid = parsed.success ? [] : parsed.error.issues.map((issue) => toItem(issue, place));
  const hasUnknown = further.some(({ type }) => type === 'unknown_field');
  throw new Problem('unprocessable', [...invalid, ...further], hasUnknown ? { code: 'unknown_field' } : {});
}

function toItem(issue: z.core.$ZodIssue, place: Place): ValidationItem {
  const loc = [place, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  // A body may hold passwords, carrier secrets and phone numbers, so its values are never sent back.
  const input = place === 'body' ? null : (issue.input ?? null);
  const { type, ctx } = describe(issue);
  return { type, loc, msg: issue.message, input, ...(ctx === undefined ? {} : { ctx }) };
}

interface Fault {
  type: string;
  /** Left out where the schema's own message says more. */
  msg?: string;
  ctx?: Record<string, unknown>;
}

function describe(issue: z.core.$ZodIssue | z.core.$ZodRawIssue): Fault {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return { type: 'missing', msg: 'Field required' };
      return issue.path?.length === 0 && issue.expected === 'object'
        ? notAnObject
        : wrongType(issue.expected);
    case 'too_small':
      if (issue.origin === 'array') {
        return { type: 'too_short', msg: `List should have at least ${String(issue.minimum)} item(s)` };
      }
      return issue.origin === 'string'
        ? { type: 'string_too_short', msg: `String should have at least ${String(issue.minimum)} characters` }
        : {
            type: 'greater_than_equal',
            msg: `Input should be greater than or equal to ${String(issue.minimum)}`,
            ctx: { ge: Number(issue.minimum) },
          };
    case 'too_big':
      if (issue.origin === 'array') {
        return { type: 'too_long', msg: `List should have at most ${String(issue.maximum)} item(s)` };
      }
      return issue.origin === 'string'
        ? { type: 'string_too_long', msg: `String should have at most ${String(issue.maximum)} characters` }
        : {
            type: 'less_than_equal',
            msg: `Input should be less than or equal to ${String(issue.maximum)}`,
            ctx: { le: Number(issue.maximum) },
          };
    case 'invalid_union':
      if (issue.discriminator !== undefined) return { type: 'union_tag_invalid' };
      if (issue.input === undefined) return { type: 'missing', msg: 'Field required' };
      return admitsIntegers(issue.errors) ? wrongInteger(issue.input) : { type: 'value_error' };
    case 'invalid_value':
      return { type: 'literal_error', msg: `Input should be one of: ${issue.values.map(String).join(', ')}` };
    case 'invalid_format':
      return { type: 'string_pattern_mismatch' };
    default:
      return { type: 'value_error' };
  }
}

/** The fault of a body that is not an object. */
const notAnObject: Fault = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object to extract fields from',
};

function wrongType(expected: string): Fault {
  switch (expected) {
    case 'string':
      return { type: 'string_type', msg: 'Input should be a valid string' };
    case 'record':
    case 'object':
      return { type: 'dict_type', msg: 'Input should be a valid dictionary' };
    case 'array':
      return { type: 'list_type', msg: 'Input should be a valid list' };
    case 'boolean':
      return { type: 'bool_type', msg: 'Input should be a valid boolean' };
    default:
      return { type: 'int_type', msg: 'Input should be a valid integer' };
  }
}

/**
 * Whether this is a union of an integer and a text that holds one. Other unions set their own message in the schema.
 */
function admitsIntegers(errors: readonly (readonly z.core.$ZodIssue[])[]): boolean {
  return errors
    .flat()
    .some((issue) => issue.code === 'invalid_type' && /^(number|int)$/.test(issue.expected));
}

function wrongInteger(input: unknown): Fault {
  if (typeof input === 'string') {
    return {
      type: 'int_parsing',
      msg: 'Input should be a valid integer, unable to parse string as an integer',
    };
  }
  if (typeof input === 'number') {
    return {
      type: 'int_from_float',
      msg: 'Input should be a valid integer, got a number with a fractional part',
    };
  }
  return { type: 'int_type', msg: 'Input should be a valid integer' };
}
