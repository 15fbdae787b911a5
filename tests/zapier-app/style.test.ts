/**
 * Zapier's publishing checks that its offline validation does not include, with Zapier's own numbers where they
 * exist.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import app from '../../zapier-app/src/index';
import { createClient } from '../../zapier-app/src/platform/client';
import { agentVariableFields } from '../../zapier-app/src/call/variables';
import { definitionWith } from '../support/agents';
import { startStandIn, standInAgentUuid } from '../support/dograh-stand-in';
import { appTester, failureOf, makeBundle, runCommand } from '../support/zapier';

interface Field {
  key: string;
  label?: string;
  helpText?: string;
  type?: string;
  list?: boolean;
  dynamic?: string;
  search?: string;
  primary?: boolean;
  choices?: unknown;
}

interface Action {
  key: string;
  noun: string;
  display: { label: string; description: string; hidden?: boolean };
  operation: {
    inputFields?: (Field | string)[];
    outputFields?: (Field | string)[];
    sample?: Record<string, unknown>;
    type?: string;
    performList?: unknown;
    performSubscribe?: unknown;
    performUnsubscribe?: unknown;
  };
}

interface Definition {
  version: string;
  authentication: { fields: Field[]; connectionLabel: string };
  triggers: Record<string, Action>;
  creates: Record<string, Action>;
  searches: Record<string, Action>;
}

let definition: Definition;
let actions: Action[];
let visible: Action[];
let inputs: Field[];
let outputs: Field[];
/** The fields that an agent adds to a step, and the note that replaces them when they cannot be listed. */
let dynamicInputs: Field[];

beforeAll(async () => {
  definition = (await runCommand('definition')) as Definition;
  const { triggers, creates, searches } = definition;
  actions = [triggers, creates, searches].flatMap((kind) => Object.values(kind));
  visible = actions.filter(({ display }) => display.hidden !== true);
  inputs = visible.flatMap(({ operation }) => (operation.inputFields ?? []).filter(isField));
  outputs = visible.flatMap(outputFieldsOf);
  dynamicInputs = await readDynamicInputs();
});

async function readDynamicInputs(): Promise<Field[]> {
  const agent = {
    id: 7,
    name: 'Reminder',
    created_at: '2026-08-22T03:04:05Z',
    workflow_uuid: standInAgentUuid,
  };
  const greeting = '{{name}} {{first_name | there}} {{site | [ours](//example.com)}} {{naïve.名前}}';
  const listed = { 'GET /api/v1/workflow/fetch?status=active': [{ ...agent, status: 'active' }] };
  const published = { version_status: 'published', workflow_definition: definitionWith({ greeting }) };
  const whole = { ...listed, 'GET /api/v1/workflow/fetch/7': { ...agent, status: 'active', ...published } };
  const fields = [];
  // The second server lists the agent but refuses to return it, with an error that contains an address.
  for (const replies of [whole, listed]) {
    const server = await startStandIn({ replies });
    const input = { agent: `workflow/${standInAgentUuid}` };
    fields.push(...(await appTester(agentVariableFields, makeBundle(server.url, input))));
    await server.close();
  }
  return fields;
}

/** In the definition a function that creates fields is represented by a text. */
function isField(field: Field | string): field is Field {
  return typeof field !== 'string';
}

function outputFieldsOf({ operation }: Action): Field[] {
  return (operation.outputFields ?? []).filter(isField);
}

/** The keys of the items that break a rule, for the failure message. */
function offenders<Item extends { key: string }>(items: Item[], breaks: (item: Item) => boolean): string[] {
  expect(items).not.toEqual([]);
  return items.filter(breaks).map(({ key }) => key);
}

test('D001: no step asks for a secret', () => {
  expect(
    offenders([...inputs, ...dynamicInputs], ({ key }) => /api_?key|token|secret|password/i.test(key)),
  ).toEqual([]);
});

test('D002: the key’s help links to where a key is made', () => {
  const [help] = definition.authentication.fields.filter(({ key }) => key === 'api_key');
  expect(help?.helpText).toMatch(/\[[^\]]+\]\(https:\/\/[^)]+\)/);
});

test('D003: a connection has a label', () => {
  expect(definition.authentication.connectionLabel).toBe('{{bundle.inputData.label}}');
});

test('D004: every input that ends in _id has a dropdown', () => {
  const ids = inputs.filter(({ key }) => key.endsWith('_id'));
  expect(offenders(ids, ({ dynamic, choices }) => dynamic === undefined && choices === undefined)).toEqual(
    [],
  );
});

test('D005: every dropdown refers to a trigger whose choices have its value and label fields', () => {
  const dropdowns = inputs.filter(({ dynamic }) => dynamic !== undefined);
  expect(offenders(dropdowns, ({ dynamic = '' }) => !refersTo(definition.triggers, dynamic, 3))).toEqual([]);
});

test('D013 and D014: every search of a field exists, returns the field’s value, and comes with a dropdown', () => {
  const searched = inputs.filter(({ search }) => search !== undefined);
  const breaks = ({ search = '', dynamic }: Field) =>
    dynamic === undefined || !refersTo(definition.searches, search, 2);
  expect(offenders(searched, breaks)).toEqual([]);
});

/** Whether a reference, `step.value` or `step.value.label`, names an existing step and its output fields. */
function refersTo(steps: Record<string, Action>, reference: string, parts: number): boolean {
  const [key = '', ...fields] = reference.split('.');
  const step = steps[key];
  const given = new Set(step === undefined ? [] : outputFieldsOf(step).map((field) => field.key));
  return fields.length === parts - 1 && fields.every((field) => given.has(field));
}

test('D007 and D025: the definition has no http: or javascript: address', () => {
  expect(JSON.stringify(definition)).not.toMatch(/http:\/\/|javascript:/i);
});

test('D008: an address in a help text is a Markdown link or in backticks', () => {
  const texts = [...inputs, ...dynamicInputs, ...definition.authentication.fields];
  const isBare = (text: string) => /https?:/.test(text.replace(/`[^`]*`|\]\([^)]*\)/g, ''));
  expect(offenders(texts, ({ helpText = '' }) => isBare(helpText))).toEqual([]);
});

test('D009 and D022: every search and create has a static input', () => {
  const steps = [...Object.values(definition.creates), ...Object.values(definition.searches)];
  const hasNone = ({ operation }: Action) => !(operation.inputFields ?? []).some(isField);
  expect(offenders(steps, hasNone)).toEqual([]);
});

test('D006 and D017: an instant trigger subscribes by itself and has a list of past events', () => {
  const hooks = visible.filter(({ operation }) => operation.type === 'hook');
  const parts = ['performSubscribe', 'performUnsubscribe', 'performList'] as const;
  expect(offenders(hooks, ({ operation }) => parts.some((part) => operation[part] === undefined))).toEqual(
    [],
  );
});

test('D010 and D012: every visible step has a sample with its primary key', () => {
  const primaryKey = (action: Action) =>
    outputFieldsOf(action).find(({ primary }) => primary === true)?.key ?? '';
  expect(offenders(visible, (action) => !(primaryKey(action) in (action.operation.sample ?? {})))).toEqual(
    [],
  );
});

test('D011: a help text differs from the label and has at most 1,000 characters', () => {
  const fields = [...inputs, ...dynamicInputs, ...definition.authentication.fields];
  expect(offenders(fields, ({ helpText = '', label = '' }) => helpText.length <= label.length)).toEqual([]);
  expect(offenders(fields, ({ helpText = '' }) => helpText.length > 1000)).toEqual([]);
});

test('D018: labels are in title case and have at most 64 characters', () => {
  const small = /^(a|an|and|as|at|by|for|in|of|on|or|the|to|with)$/;
  const isTitle = (label: string) =>
    label.split(' ').every((word, index) => /^[A-Z(]/.test(word) || (index > 0 && small.test(word)));
  const labelled = [
    ...inputs,
    ...definition.authentication.fields,
    ...outputs,
    ...visible.map(({ key, display }) => ({ key, label: display.label })),
  ];
  expect(offenders(labelled, ({ label = '' }) => !isTitle(label) || label.length > 64)).toEqual([]);
});

test('D021: a description is a plain sentence in the third person', () => {
  const triggers = Object.values(definition.triggers).filter(({ display }) => display.hidden !== true);
  expect(offenders(triggers, ({ display }) => !/^Triggers when .*\.$/.test(display.description))).toEqual([]);
  expect(offenders(visible, ({ display }) => !/^[A-Z][a-z]+s .*\.$/.test(display.description))).toEqual([]);
  expect(offenders(visible, ({ display }) => /[*_`[\]]|zapier|dograh/i.test(display.description))).toEqual(
    [],
  );
});

test('descriptions, including those of hidden steps, have at most 1,000 characters', () => {
  expect(offenders(actions, ({ display }) => display.description.length > 1000)).toEqual([]);
});

test('D023: dates in samples are ISO 8601 with an offset', () => {
  const dates = visible.flatMap((action) =>
    outputFieldsOf(action)
      .filter(({ type }) => type === 'datetime')
      .map(({ key }) => ({ key, value: sampleValue(action.operation.sample ?? {}, key) })),
  );
  const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  expect(
    offenders(dates, ({ value }) => value !== null && !(typeof value === 'string' && iso.test(value))),
  ).toEqual([]);
});

test('D024: every output field is in the sample, with a value of its type', () => {
  const jsonTypes: Record<string, string> = { integer: 'number', datetime: 'string', file: 'string' };
  const typed = visible.flatMap((action) =>
    outputFieldsOf(action).map((field) => {
      const value = sampleValue(action.operation.sample ?? {}, field.key);
      return {
        key: `${action.key}.${field.key}`,
        expected: jsonTypes[field.type ?? ''] ?? field.type ?? 'string',
        value: field.list && Array.isArray(value) ? (value[0] as unknown) : value,
      };
    }),
  );
  // A call may have no reason: null matches any type.
  const breaks = ({ expected, value }: (typeof typed)[number]) => value !== null && typeof value !== expected;
  expect(offenders(typed, breaks)).toEqual([]);
});

test('every value of a sample has a label in the editor, except in the two contexts', () => {
  const unlabelled = visible.flatMap((action) => {
    const { key, operation } = action;
    const labelled = outputFieldsOf(action).map((field) => field.key.split('[]', 1)[0]);
    return Object.keys(operation.sample ?? {})
      .filter((name) => !labelled.includes(name))
      .map((name) => `${key}.${name}`);
  });
  const ownNames = /\.(initial|gathered)_context$/;
  expect(unlabelled.filter((name) => !ownNames.test(name))).toEqual([]);
});

/** The value of an output field in a sample; for `items[]name` that of the first item. */
function sampleValue(sample: Record<string, unknown>, key: string): unknown {
  const [list = '', name] = key.split('[]');
  if (name === undefined) return sample[key];
  return (sample[list] as Record<string, unknown>[])[0]?.[name];
}

// The base URL decides where the API key is sent.
test.each([
  'http://dograh.example.com',
  'https://api.dograh.com@attacker.example.com',
  'https://jane:secret@dograh.example.com',
  'https://api.dograh.com?.example.com',
  'https://api.dograh.com#.example.com',
  '//attacker.example.com',
  'javascript:alert(1)',
  'attacker.example.com/',
  '',
])('D026: the base URL %j is refused before any request', async (baseUrl) => {
  const bundle = makeBundle(baseUrl);
  const made = appTester((z) => Promise.resolve(createClient(z, bundle).baseUrl));
  expect(await failureOf(made)).toMatchObject({ name: 'TriggerError' });
});

test('output fields use only properties that the editor supports', () => {
  const allowed = [
    ...['key', 'label', 'type', 'list', 'dict', 'primary', 'steadyState', 'sample', 'children'],
    ...['required', 'default'],
  ];
  expect(offenders(outputs, (field) => Object.keys(field).some((name) => !allowed.includes(name)))).toEqual(
    [],
  );
});

test('keys are valid in every place where Zapier uses them', () => {
  const made = actions
    .flatMap(outputFieldsOf)
    .flatMap(({ key }) => key.split('[]').map((word) => ({ key: word })));
  const keyed = [...actions, ...inputs, ...dynamicInputs, ...made, ...definition.authentication.fields];
  expect(offenders(keyed, ({ key }) => !/^[a-zA-Z]+[a-zA-Z0-9_]*$/.test(key))).toEqual([]);
});

test('hydrators have keys of letters and digits', () => {
  const keys = Object.keys(app.hydrators ?? {}).map((key) => ({ key }));
  expect(offenders(keys, ({ key }) => !/^[a-zA-Z]+[a-zA-Z0-9]*$/.test(key))).toEqual([]);
});

test('the icon is a square PNG of at least 256 pixels with transparency', () => {
  const png = readFileSync(join(__dirname, '../../zapier-app/icons/dograh.png'));
  const [width, height, colorType] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25]];
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(width).toBe(height);
  expect(width).toBeGreaterThanOrEqual(256);
  // Red, green, blue and alpha (PNG specification, 11.2.1).
  expect(colorType).toBe(6);
});

test('the version has three parts below 1,000', () => {
  expect(definition.version).toMatch(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/);
});
