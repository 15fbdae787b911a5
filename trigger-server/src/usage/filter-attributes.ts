/** The attributes that lists of runs can be filtered by: Dograh's, and those that this server adds. */
import { callSources, isStorableText, runStatuses } from '@dograh-trigger/shared';
import * as z from 'zod';
import { readInstant } from './instants';
import type { RunCondition } from './store';

/** Dograh's two lists allow different attributes, and refuse others with different texts. */
export type List = 'agent' | 'organization';

export type Criterion =
  | RunCondition
  | { kind: 'created'; from: string | null; to: string | null }
  /** No run of this server can match, for example an inbound call. */
  | { kind: 'none' };

export interface Attribute {
  /** Dograh's lists that have this attribute. */
  lists: readonly List[];
  /** Dograh's type of the attribute first, then those that this server adds. */
  types: readonly [string, ...string[]];
  /** Reads a value as Dograh does, ignoring what it does not know. */
  tolerant: z.ZodType<Criterion[]>;
  /** Reads a value, and refuses whatever it does not know. */
  strict: z.ZodType<Criterion[]>;
}

const none: Criterion = { kind: 'none' };
const agentList: readonly List[] = ['agent'];
const organizationList: readonly List[] = ['organization'];
const bothLists: readonly List[] = ['agent', 'organization'];
/** Attributes that Dograh does not have: only the organization's list has them, and only with extensions. */
const ownLists: readonly List[] = [];

/** A missing value filters nothing. */
function given<Value>(value: Value | null | undefined, criterion: (value: Value) => Criterion): Criterion[] {
  return value === null || value === undefined ? [] : [criterion(value)];
}

type Read<Shape extends z.ZodRawShape> = (value: z.output<z.ZodObject<Shape>>) => Criterion[];

function tolerantly<Shape extends z.ZodRawShape>(shape: Shape, read: Read<Shape>): z.ZodType<Criterion[]> {
  return z.object(shape).transform(read);
}

/** `{"min": null}` filters nothing. `{}` and unknown keys are mistakes. */
function strictly<Shape extends z.ZodRawShape>(shape: Shape, read: Read<Shape>): z.ZodType<Criterion[]> {
  const known = Object.keys(shape);
  const isUnderstood = (value: object) => {
    const keys = Object.keys(value);
    return keys.length > 0 && keys.every((key) => known.includes(key));
  };
  return z
    .looseObject(shape)
    .refine(isUnderstood, `Input should have ${known.join(' or ')}, and no other keys`)
    .transform(read);
}

function attribute<Shape extends z.ZodRawShape>(
  lists: readonly List[],
  type: string,
  shape: Shape,
  read: Read<Shape>,
): Attribute {
  return { lists, types: [type], tolerant: tolerantly(shape, read), strict: strictly(shape, read) };
}

/** A choice of words. Dograh's own pages send `all` for no filter. */
function choice(lists: readonly List[], some: Record<string, Criterion[]>): Attribute {
  const words = { ...some, all: [] };
  return {
    lists,
    types: ['radio'],
    tolerant: tolerantChoice(words),
    strict: strictly({ status: z.enum(Object.keys(words)).nullish() }, ({ status }) =>
      criteriaOf(words, status),
    ),
  };
}

function tolerantChoice(words: Record<string, Criterion[]>): Attribute['tolerant'] {
  return tolerantly({ status: z.string().nullish() }, ({ status }) => criteriaOf(words, status));
}

function criteriaOf(words: Record<string, Criterion[]>, word: string | null | undefined): Criterion[] {
  return typeof word === 'string' && Object.hasOwn(words, word) ? (words[word] ?? []) : [];
}

const wholeNumber = { value: z.int().nullish() };
const text = { value: z.string().nullish() };
const codes = { codes: z.array(z.string()).nullish() };
const range = { min: z.number().nullish(), max: z.number().nullish() };
const instant = z.string().transform((from, context) => {
  const read = readInstant(from);
  if (read === undefined) context.addIssue('Input should be a date and time after ISO 8601');
  return read ?? '';
});
const dates = { from: instant.nullish(), to: instant.nullish() };

function numberAttribute(column: 'caller_number' | 'called_number'): Attribute {
  return attribute(organizationList, 'text', text, ({ value }) => {
    const contains = value?.trim() ?? '';
    if (contains === '') return [];
    return [isStorableText(contains) ? { kind: 'number', column, contains } : none];
  });
}

/** Dograh's words. In them, every ended call is `completed`. */
const progress: Record<string, Criterion[]> = {
  completed: [{ kind: 'ended', is: true }],
  in_progress: [{ kind: 'ended', is: false }],
  all: [],
};

/** This server's statuses as well. A word that both use has Dograh's meaning. */
const statusWords: Record<string, Criterion[]> = {
  ...Object.fromEntries(runStatuses.map((status) => [status, [{ kind: 'status', oneOf: [status] }]])),
  ...progress,
};

const statusAttribute: Attribute = {
  lists: agentList,
  types: ['radio', 'multiSelect'],
  tolerant: tolerantChoice(progress),
  strict: strictly(
    {
      status: z.enum(Object.keys(statusWords)).nullish(),
      codes: z.array(z.enum(runStatuses)).nullish(),
    },
    ({ status, codes: wanted }) => [
      ...criteriaOf(statusWords, status),
      ...(wanted == null || wanted.length === 0 ? [] : [{ kind: 'status' as const, oneOf: wanted }]),
    ],
  ),
};

export const attributes: Record<string, Attribute> = {
  runId: attribute(organizationList, 'number', wholeNumber, ({ value }) =>
    given(value, (id) => ({ kind: 'run', id })),
  ),
  workflowId: attribute(organizationList, 'number', wholeNumber, ({ value }) =>
    given(value, (id) => ({ kind: 'agent', id })),
  ),
  campaignId: attribute(organizationList, 'number', wholeNumber, ({ value }) =>
    given(value, (id) => ({ kind: 'campaign', id })),
  ),
  callerNumber: numberAttribute('caller_number'),
  calledNumber: numberAttribute('called_number'),
  dateRange: attribute(agentList, 'dateRange', dates, ({ from, to }) => [
    { kind: 'created', from: from ?? null, to: to ?? null },
  ]),
  dispositionCode: attribute(bothLists, 'multiSelect', codes, ({ codes: wanted }) => {
    if (wanted == null || wanted.length === 0) return [];
    const oneOf = wanted.filter(isStorableText);
    return [oneOf.length === 0 ? none : { kind: 'disposition', oneOf }];
  }),
  duration: attribute(bothLists, 'numberRange', range, ({ min, max }) =>
    min == null && max == null
      ? []
      : [{ kind: 'duration', minSeconds: min ?? null, maxSeconds: max ?? null }],
  ),
  tokenUsage: attribute(agentList, 'numberRange', range, ({ min, max }) => {
    if (min == null && max == null) return [];
    // Ended calls have used 0 tokens; the usage of the others is unknown.
    return (min ?? 0) <= 0 && (max ?? 0) >= 0 ? [{ kind: 'ended', is: true }] : [none];
  }),
  status: statusAttribute,
  // Every call of this server is outbound.
  callDirection: choice(organizationList, { inbound: [none], outbound: [] }),
  callChannel: choice(organizationList, {
    telephony: [{ kind: 'chat', is: false }],
    web: [none],
    chat: [{ kind: 'chat', is: true }],
  }),
  apiKeyId: attribute(ownLists, 'number', wholeNumber, ({ value }) =>
    given(value, (id) => ({ kind: 'apiKey', id })),
  ),
  reference: attribute(ownLists, 'text', { value: z.string().max(255).nullish() }, ({ value }) => {
    const wanted = value ?? '';
    if (wanted === '') return [];
    return [isStorableText(wanted) ? { kind: 'reference', is: wanted } : none];
  }),
  source: attribute(
    ownLists,
    'multiSelect',
    { codes: z.array(z.enum(callSources)).nullish() },
    ({ codes: wanted }) => (wanted == null || wanted.length === 0 ? [] : [{ kind: 'source', oneOf: wanted }]),
  ),
  text: attribute(ownLists, 'text', { value: z.string().max(100).nullish() }, ({ value }) => {
    const contains = value?.trim() ?? '';
    if (contains === '') return [];
    return [isStorableText(contains) ? { kind: 'text', contains } : none];
  }),
};
