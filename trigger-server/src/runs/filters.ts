/** Dograh's grammar of filters (reference: `filters`): a JSON array of `{attribute, type, value}`, all of which hold. */
import { isStorableText, jsonObject, type JsonObject } from '@dograh-trigger/shared';
import * as z from 'zod';
import { Problem } from '../problem';
import type { RunCondition } from './usage-store';

/** The two lists allow different attributes, and refuse in different words. */
export type List = 'agent' | 'organization';

export type Criterion =
  | RunCondition
  | { kind: 'created'; from: string | null; to: string | null }
  /** Nothing here can be like that, such as an inbound call. */
  | { kind: 'none' };

interface Attribute {
  lists: readonly List[];
  type: string;
  /** @throws ZodError for a value of another shape. */
  read(value: unknown): Criterion[];
}

const everywhere: readonly List[] = ['agent', 'organization'];

const wholeNumber = z.object({ value: z.int().nullish() });
const text = z.object({ value: z.string().nullish() });
const codes = z.object({ codes: z.array(z.string()).nullish() });
const range = z.object({ min: z.number().nullish(), max: z.number().nullish() });
const choice = z.object({ status: z.string().nullish() });
const instant = z.string().transform((from, context) => {
  const read = readInstant(from);
  if (read === undefined) context.addIssue('Input should be a date and time after ISO 8601');
  return read ?? '';
});
const dates = z.object({ from: instant.nullish(), to: instant.nullish() });

/** What is not given filters nothing. */
function given<Value>(value: Value | null | undefined, criterion: (value: Value) => Criterion): Criterion[] {
  return value === null || value === undefined ? [] : [criterion(value)];
}

const attributes: Record<string, Attribute> = {
  runId: {
    lists: ['organization'],
    type: 'number',
    read: (value) => given(wholeNumber.parse(value).value, (id) => ({ kind: 'run', id })),
  },
  workflowId: {
    lists: ['organization'],
    type: 'number',
    read: (value) => given(wholeNumber.parse(value).value, (id) => ({ kind: 'agent', id })),
  },
  campaignId: {
    lists: ['organization'],
    type: 'number',
    // No call here belongs to a campaign.
    read: (value) => given(wholeNumber.parse(value).value, () => ({ kind: 'none' })),
  },
  callerNumber: numberAttribute('caller_number'),
  calledNumber: numberAttribute('called_number'),
  dateRange: {
    lists: ['agent'],
    type: 'dateRange',
    read: (value) => {
      const { from, to } = dates.parse(value);
      return [{ kind: 'created', from: from ?? null, to: to ?? null }];
    },
  },
  dispositionCode: {
    lists: everywhere,
    type: 'multiSelect',
    read: (value) => {
      const wanted = codes.parse(value).codes ?? [];
      if (wanted.length === 0) return [];
      const oneOf = wanted.filter(isStorableText);
      return [oneOf.length === 0 ? { kind: 'none' } : { kind: 'disposition', oneOf }];
    },
  },
  duration: {
    lists: everywhere,
    type: 'numberRange',
    read: (value) => {
      const { min, max } = range.parse(value);
      if (min == null && max == null) return [];
      return [{ kind: 'duration', minSeconds: min ?? null, maxSeconds: max ?? null }];
    },
  },
  tokenUsage: {
    lists: ['agent'],
    type: 'numberRange',
    read: (value) => {
      const { min, max } = range.parse(value);
      if (min == null && max == null) return [];
      // A call that has ended has cost nothing, and of the others it is not known.
      return (min ?? 0) <= 0 && (max ?? 0) >= 0 ? [{ kind: 'ended', is: true }] : [{ kind: 'none' }];
    },
  },
  status: {
    lists: ['agent'],
    type: 'radio',
    read: (value) => {
      const { status } = choice.parse(value);
      if (status !== 'completed' && status !== 'in_progress') return [];
      return [{ kind: 'ended', is: status === 'completed' }];
    },
  },
  // Every call here goes out, by telephone.
  callDirection: {
    lists: ['organization'],
    type: 'radio',
    read: (value) => (choice.parse(value).status === 'inbound' ? [{ kind: 'none' }] : []),
  },
  callChannel: {
    lists: ['organization'],
    type: 'radio',
    read: (value) => (/^(?:web|chat)$/.test(choice.parse(value).status ?? '') ? [{ kind: 'none' }] : []),
  },
};

function numberAttribute(column: 'caller_number' | 'called_number'): Attribute {
  return {
    lists: ['organization'],
    type: 'text',
    read: (value) => {
      const contains = text.parse(value).value?.trim() ?? '';
      if (contains === '') return [];
      return [isStorableText(contains) ? { kind: 'number', column, contains } : { kind: 'none' }];
    },
  };
}

export interface Filters {
  /** As they were sent; null without any. */
  applied: JsonObject[] | null;
  criteria: Criterion[];
}

/**
 * Reads the query parameter `filters`. An item without a type, or with another than its attribute's, filters nothing; so
 * does an unknown attribute in the organization's list.
 * @throws Problem bad_request for what is no array of objects, or has a value of another shape than its type's; forbidden
 *   for an attribute that an agent's list does not have.
 */
export function readFilters(parameter: string | undefined, list: List): Filters {
  if (parameter === undefined || parameter === '') return { applied: null, criteria: [] };
  const applied = readItems(parameter, list);
  return { applied, criteria: applied.flatMap((item) => readItem(item, list)) };
}

function readItems(parameter: string, list: List): JsonObject[] {
  try {
    return z.array(jsonObject).parse(JSON.parse(parameter));
  } catch {
    throw malformed(list);
  }
}

function readItem({ attribute: name, type, value }: JsonObject, list: List): Criterion[] {
  if (typeof name !== 'string') throw malformed(list);
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (attribute?.lists.includes(list) !== true) {
    if (list === 'agent') throw new Problem('forbidden', `Invalid attribute '${name}'`);
    return [];
  }
  if (attribute.type !== type) return [];
  try {
    return attribute.read(value ?? {});
  } catch (error) {
    if (error instanceof z.ZodError) throw malformed(list);
    throw error;
  }
}

function malformed(list: List): Problem {
  return new Problem('bad_request', list === 'agent' ? 'Invalid filter format' : 'Invalid filters format');
}

const instantForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?(?:(Z)|([+ -])(\d{2}):?(\d{2}))?)?$/i;

/**
 * An instant after ISO 8601 as the database holds it. Without a zone it is in UTC, without a time it is midnight. A space
 * before the offset is a plus sign that was sent in an address as it is.
 * @returns undefined for anything else.
 */
export function readInstant(form: string): string | undefined {
  const match = instantForm.exec(form.trim());
  if (match === null) return undefined;
  const [, date = '', time = '00:00', seconds = ':00', fraction = '', , sign, hours = '', minutes = ''] =
    match;
  const zone = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  const at = new Date(`${date}T${time}${seconds}${fraction}${zone}`);
  // Its offset can carry it out of the years of four digits, whose texts are in the order of time.
  const isInOrder = at.getUTCFullYear() >= 0 && at.getUTCFullYear() <= 9999;
  return isInOrder ? at.toISOString() : undefined;
}
