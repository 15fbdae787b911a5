import {
  hasTooManyPlaces,
  listSpokenVariables,
  listTemplateVariables,
  listTextVariables,
  maximumRenderedLength,
  maximumPlaces,
  renderTemplate,
  renderText,
  serverVariableNames,
  type AgentDefinition,
  type JsonObject,
  type JsonValue,
} from '@dograh-trigger/shared';

const now = new Date('2026-08-22T03:04:05.678Z');
const render = (template: string, context: JsonObject = {}) => renderText(template, context, { now });

/** The context and the golden vectors, computed with Dograh's own renderer. */
const goldenContext: JsonObject = {
  name: 'Ann',
  empty: '',
  zero: 0,
  f: false,
  n: null,
  d: { a: { b: 'deep' } },
  l: [1, 'é', { k: true }],
  gathered_context: { city: 'Pune' },
  initial_context: { first_name: 'Bo' },
};

describe('renderText', () => {
  test.each([
    ['Hi {{name}}', 'Hi Ann'],
    ['[{{missing}}]', '[]'],
    ['{{empty | there}}', 'there'],
    ['{{zero | there}}', '0'],
    ['{{f|x}}', 'False'],
    ['{{d.a.b}}', 'deep'],
    ['{{d.a}}', '{"b": "deep"}'],
    ['{{l}}', '[1, "\\u00e9", {"k": true}]'],
    ['{{l.0}}', ''],
    ['{{missing | fallback:Bob Smith}}', 'Bob Smith'],
    ['{{first_name | fallback}}', 'First_Name'],
    ['{{missing | default:Bob}}', 'default'],
    ['{{missing | 12:30}}', '12'],
    ['{{ first name }}', '{{ first name }}'],
    ['{{{name}}}', '}'],
    ['{{gathered_context.city}}', 'Pune'],
    ['{{initial_context.first_name}}', 'Bo'],
    ['{{initial_context.name}}', 'Ann'],
    ['one\\ntwo', 'one\ntwo'],
    ['{{current_time_Nope/Zone}}!', '!'],
  ])('golden vector: %j gives %j', (template, text) => {
    expect(render(template, goldenContext)).toBe(text);
  });

  test.each([
    ['{{}}', '{{}}'],
    ['{{ }}', '{{ }}'],
    ['{{x', '{{x'],
    ['{{x}', '{{x}'],
    ['{{x|}}', '{{x|}}'],
    ['{{x|:y}}', '{{x|:y}}'],
    ['{{x|y:}}', '{{x|y:}}'],
    ['{{x|fallback:a}b}}', '{{x|fallback:a}b}}'],
    ['{{missing | https://a}}', 'https'],
    ['{{missing | }}', ''],
    ['{{missing | fallback: Bo : b }}', 'Bo : b'],
    ['{{missing\n|\nthere\n}}', 'there'],
    ['{{n | there}}', 'there'],
    ['{{n}}', ''],
    ['{{user.first_name | fallback}}', 'User.First_Name'],
    ['{{MCDONALD2x | fallback}}', 'Mcdonald2X'],
    ['{{name}}{{name}}', 'AnnAnn'],
    ['{{name.length}}', ''],
    ['{{constructor}}{{__proto__}}{{d.toString}}', ''],
    ['{{initial_context.n | there}}', 'there'],
  ])('%j gives %j', (template, text) => {
    expect(render(template, goldenContext)).toBe(text);
  });

  test('initial_context.name finds the flat name when the nested one is null', () => {
    expect(render('{{initial_context.a}}', { initial_context: { a: null }, a: 'flat' })).toBe('flat');
  });

  test('placeholders in values are not rendered', () => {
    expect(render('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
  });

  test('two characters \\n in a value become a line break', () => {
    expect(render('{{a}}', { a: 'one\\ntwo' })).toBe('one\ntwo');
  });

  test('objects become JSON as in Python: characters beyond ASCII are escaped', () => {
    const value = { ключ: '😀\u007f\t"', list: [true, null, 1.5] };
    expect(render('{{v}}', { v: value })).toBe(
      '{"\\u043a\\u043b\\u044e\\u0447": "\\ud83d\\ude00\\u007f\\t\\"", "list": [true, null, 1.5]}',
    );
  });

  test.each([
    ['{{current_time}}', '2026-08-22 03:04:05 UTC'],
    ['{{current_weekday}}', 'Saturday'],
    ['{{current_time_Asia/Kolkata}}', '2026-08-22 08:34:05 IST'],
    ['{{current_weekday_America/Los_Angeles}}', 'Friday'],
    ['{{current_time_America/New_York}}', '2026-08-21 23:04:05 EDT'],
    ['{{current_weekday}} {{current_time_America/New_York}}', 'Friday 2026-08-21 23:04:05 EDT'],
    ['{{current_weekday}} {{current_time_Nope/Zone}}', 'Saturday '],
    ['{{current_time_}}', ''],
  ])('%s gives %j', (template, text) => {
    expect(render(template)).toBe(text);
  });

  test('a built-in name takes precedence over the context; with an unknown zone it is an ordinary name', () => {
    const context = { current_weekday: 'never', current_time_slot: 'noon' };
    expect(render('{{current_weekday}}, {{current_time_slot}}', context)).toBe('Saturday, noon');
  });

  test('midnight is hour 00', () => {
    const midnight = new Date('2026-01-01T00:00:00Z');
    expect(renderText('{{current_time}}', {}, { now: midnight })).toBe('2026-01-01 00:00:00 UTC');
  });

  test(`a text is cut at ${String(maximumRenderedLength)} characters, counted after line breaks`, () => {
    expect(render('x'.repeat(5000))).toBe('x'.repeat(4000));
    expect(render('{{v}}', { v: 'x'.repeat(5000) })).toBe('x'.repeat(4000));
    expect(render('\\n'.repeat(5000))).toBe('\n'.repeat(4000));
  });

  test('the cut leaves no half of a surrogate pair', () => {
    expect(render(`x${'😀'.repeat(3000)}`)).toBe(`x${'😀'.repeat(1999)}`);
  });

  // A scanner that reads text again for every placeholder would need billions of steps for each of these.
  test.each([
    ['spaces after open braces', `{{ ${' '.repeat(100_000)}`],
    ['open braces, each followed by spaces', '{{    '.repeat(20_000)],
    ['open braces', '{'.repeat(100_000)],
    ['names without an end', '{{x'.repeat(40_000)],
    ['filters without an end', '{{x|'.repeat(30_000)],
    ['filters without an end that share spaces', `${'{{x|'.repeat(30_000)}${' '.repeat(100_000)}`],
    ['arguments without an end', '{{x|a:'.repeat(20_000)],
    ['names before spaces', `${'{{x '.repeat(20_000)}${' '.repeat(50_000)}`],
  ])('a hostile template stays unchanged: %s', (_, template) => {
    expect(render(template)).toBe(template.slice(0, maximumRenderedLength));
  });

  test('a large value in many placeholders is rendered', () => {
    const large = Array.from({ length: 100_000 }, (_, index) => index);
    expect(render('{{large}}'.repeat(maximumPlaces), { large })).toHaveLength(maximumRenderedLength);
  });

  test('many unknown zones beside many bare names are rendered', () => {
    const template = '{{current_time_a}}'.repeat(500) + '{{current_weekday}}'.repeat(500);
    expect(render(template)).toBe('Saturday'.repeat(500));
  });
});

describe('a template with more than 1,000 places', () => {
  const many = (count: number) => '{{x}}'.repeat(count);

  test('is refused, and one with 1,000 is rendered', () => {
    expect(render(many(maximumPlaces), { x: 'a' })).toBe('a'.repeat(maximumPlaces));
    expect(() => render(many(maximumPlaces + 1))).toThrow(RangeError);
  });

  test('is refused if all its texts and keys together have more', () => {
    const half = maximumPlaces / 2;
    const within = { a: many(half), [many(half)]: [{ b: 'no place' }, 5, null] };
    const beyond = { a: many(half), [many(half)]: [{ b: '{{x}}' }, 5, null] };
    expect(renderTemplate(within, {}, { now })).toEqual({ a: '', '': [{ b: 'no place' }, 5, null] });
    expect(() => renderTemplate(beyond, {}, { now })).toThrow(RangeError);
    expect([within, beyond].map(hasTooManyPlaces)).toEqual([false, true]);
  });
});

describe('renderTemplate', () => {
  test('golden vector: keys and values are rendered at every depth, other scalars stay unchanged', () => {
    const template = { 'k{{name}}': ['{{zero}}', 5, true, null, { q: '{{d}}' }] };
    expect(renderTemplate(template, goldenContext, { now })).toEqual({
      kAnn: ['0', 5, true, null, { q: '{"a": {"b": "deep"}}' }],
    });
  });

  test.each<[JsonValue]>([[null], [5], [false], [[]], [{}]])('%j stays', (template) => {
    expect(renderTemplate(template, goldenContext, { now })).toEqual(template);
  });

  test('a key that renders to __proto__ is an ordinary key', () => {
    const rendered = renderTemplate({ '{{k}}': { polluted: true } }, { k: '__proto__' }, { now });
    expect(Object.keys(rendered as JsonObject)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(rendered)).toBe(Object.prototype);
  });
});

describe('rendering whole', () => {
  const whole = (template: JsonValue, wholeUpTo: number, context: JsonObject = {}) =>
    renderTemplate(template, context, { now, wholeUpTo });

  test('a long value is not cut, so JSON in a text stays valid', () => {
    const long = { note: 'x'.repeat(3 * maximumRenderedLength) };
    const rendered = whole({ context: '{{d}}' }, 100_000, { d: long }) as { context: string };
    expect(JSON.parse(rendered.context)).toEqual(long);
  });

  test('a template is refused when all its texts and keys together are longer than the limit', () => {
    const template = { 'k{{a}}': ['{{a}}', { k: '{{a}}' }] };
    const context = { a: 'xxxx' };
    expect(whole(template, 14, context)).toEqual({ kxxxx: ['xxxx', { k: 'xxxx' }] });
    expect(() => whole(template, 13, context)).toThrow(RangeError);
  });

  test('a line break counts as one character, as in the result', () => {
    expect(whole('{{a}}', 3, { a: '\\n'.repeat(3) })).toBe('\n\n\n');
    expect(() => whole('{{a}}', 3, { a: '\\n'.repeat(4) })).toThrow(RangeError);
  });

  test('a template with an enormous result is refused before it is fully rendered', () => {
    const template = Array.from({ length: 100 }, () => '{{a}}'.repeat(10));
    expect(() => whole(template, 1_000_000, { a: 'x'.repeat(100_000) })).toThrow(RangeError);
  });
});

test('serverVariableNames are the reserved names, the numbers and ids of the call, and the client’s mark', () => {
  expect([...serverVariableNames].sort()).toEqual([
    'agent_identifier',
    'agent_identifier_type',
    'agent_uuid',
    'api_key_created_by',
    'api_key_id',
    'call_id',
    'called_number',
    'caller_number',
    'campaign_id',
    'direction',
    'dograh_trigger_call',
    'from_phone_number_id',
    'mps_correlation_id',
    'phone_number',
    'provider',
    'runtime_configuration',
    'source_uuid',
    'telephony_configuration_id',
    'trigger_mode',
    'workflow_run_id',
    'workflow_uuid',
  ]);
});

test('listTextVariables lists every name once, including server names and without clock names', () => {
  const text =
    '{{initial_context.a}} {{caller_number}} {{a | b}} {{current_time}} {{c | d}} {{gathered_context.e}}';
  expect(listTextVariables(text)).toEqual([
    { name: 'a', fallback: null },
    { name: 'caller_number', fallback: null },
    { name: 'c', fallback: 'd' },
    { name: 'gathered_context.e', fallback: null },
  ]);
});

describe('listTemplateVariables', () => {
  function definition(nodes: { type: string; data: JsonObject }[], speech: string[] = []): AgentDefinition {
    return {
      nodes: nodes.map(({ type, data }, index) => ({ id: String(index), type, data })),
      edges: speech.map((transition_speech, index) => ({
        id: `e${String(index)}`,
        source: '0',
        target: '1',
        data: { transition_speech },
      })),
    };
  }

  function namesIn(prompt: string): string[] {
    return listTemplateVariables(definition([{ type: 'startCall', data: { prompt } }])).map(
      ({ name }) => name,
    );
  }

  test('reads prompts and greetings of the speaking nodes and the speech of edges, in order of appearance', () => {
    const speaking = ['startCall', 'agentNode', 'endCall', 'globalNode'].map((type) => ({
      type,
      data: { greeting: `{{${type}_greeting}}`, prompt: `{{${type}_prompt}}` },
    }));
    const silent = ['trigger', 'webhook', 'qa'].map((type) => ({ type, data: { prompt: '{{unspoken}}' } }));
    const names = listTemplateVariables(definition([...speaking, ...silent], ['{{speech}}'])).map(
      ({ name }) => name,
    );
    expect(names).toEqual([
      'startCall_greeting',
      'startCall_prompt',
      'agentNode_greeting',
      'agentNode_prompt',
      'endCall_greeting',
      'endCall_prompt',
      'globalNode_greeting',
      'globalNode_prompt',
      'speech',
    ]);
  });

  test('listSpokenVariables includes the server’s names', () => {
    const data = { greeting: 'From {{caller_number}} to {{name}}.' };
    expect(listSpokenVariables(definition([{ type: 'startCall', data }]))).toEqual([
      { name: 'caller_number', fallback: null },
      { name: 'name', fallback: null },
    ]);
  });

  test('keeps dotted names and drops the prefix initial_context', () => {
    expect(namesIn('{{user.name}} {{initial_context.user.name}} {{initial_context.city}}')).toEqual([
      'user.name',
      'city',
    ]);
  });

  test.each([
    'current_time',
    'current_weekday_Asia/Kolkata',
    ...serverVariableNames,
    'initial_context.caller_number',
    'provider.name',
    'gathered_context.interest',
    'greeting_override.text',
  ])('leaves out %s, which the caller cannot set', (name) => {
    expect(namesIn(`{{${name}}} {{a}}`)).toEqual(['a']);
  });

  test('keeps a name that only contains a server name', () => {
    const names = ['my_provider', 'user.call_id', 'caller_number_2'];
    expect(namesIn(names.map((name) => `{{${name}}}`).join(''))).toEqual(names);
  });

  test('keeps a name that the call also gathers, because prompts use the caller’s value', () => {
    const data = {
      prompt: 'Ask whether {{email}} is right.',
      extraction_enabled: true,
      extraction_variables: [{ name: 'email', type: 'string' }],
    };
    expect(listTemplateVariables(definition([{ type: 'agentNode', data }]))).toEqual([
      { name: 'email', fallback: null },
    ]);
  });

  test('keeps a name that only resembles a built-in one', () => {
    expect(namesIn('{{current_time_slot}}')).toEqual(['current_time_slot']);
  });

  test('returns the fallback, and none for a name that appears once without', () => {
    const prompt =
      '{{a | there}} {{b | fallback:Bob Smith}} {{first_name | fallback}} {{c}} {{d | x}} {{d}} {{e}} {{e | y}}';
    expect(listTemplateVariables(definition([{ type: 'startCall', data: { prompt } }]))).toEqual([
      { name: 'a', fallback: 'there' },
      { name: 'b', fallback: 'Bob Smith' },
      { name: 'first_name', fallback: 'First_Name' },
      { name: 'c', fallback: null },
      { name: 'd', fallback: null },
      { name: 'e', fallback: null },
    ]);
  });

  test('returns nothing for a definition without texts, or with texts of another type', () => {
    expect(listTemplateVariables({ nodes: [], edges: [{ id: 'e', source: 'a', target: 'b' }] })).toEqual([]);
    expect(
      listTemplateVariables(definition([{ type: 'startCall', data: { prompt: 5, greeting: null } }])),
    ).toEqual([]);
  });
});
