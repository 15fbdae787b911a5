/** Unknown names: which of them are refused, which are ignored, and how much CPU time the check costs. */
import fc from 'fast-check';
import type { JsonObject } from '@dograh-trigger/shared';
import { fieldRules, isWithinEdits, judgeFields } from '../../../trigger-server/src/http/body/unknown-fields';

const rules = fieldRules(['phone_number', 'initial_context', 'callback_url', 'name'], {
  scheduled_at: 'Not later.',
});

/** @returns the location and the message of every refusal. */
function refused(body: JsonObject): [string, string][] {
  return judgeFields(rules, { name: 'x', ...body }).faults.map(({ loc, msg }) => [loc.join('.'), msg]);
}

const didYouMean = (name: string) => `There is no such field. Did you mean ${name}?`;

test.each([
  ['callbackUrl', 'callback_url'],
  ['CALLBACK-URL', 'callback_url'],
  ['callback_uri', 'callback_url'],
  ['calback_url', 'callback_url'],
  ['callbakc_url', 'callback_url'],
  ['phone_numbers', 'phone_number'],
  ['initialContext', 'initial_context'],
  ['inital_contxt', 'initial_context'],
  ['Name', 'name'],
])('%s is refused: did you mean %s?', (name, meant) => {
  expect(refused({ [name]: 1 })).toEqual([[`body.${name}`, didYouMean(meant)]]);
});

test.each(['callback', 'call_bck_u', 'names', 'nam', 'context', ''])(
  '%p is no misspelling of any',
  (name) => {
    expect(refused({ [name]: 1 })).toEqual([]);
    expect(judgeFields(rules, { name: 'x', [name]: 1 }).ignored).toEqual([name]);
  },
);

test.each(['scheduled_at', 'scheduledAt', 'SCHEDULED-AT', 'scheduledat'])(
  '%s is refused with what to do instead',
  (name) => {
    expect(refused({ [name]: 1 })).toEqual([[`body.${name}`, 'Not later.']]);
  },
);

test('each of several names gets its own advice', () => {
  expect(refused({ scheduled_at: 1, callbackUrl: 1, customer: 1 })).toEqual([
    ['body.scheduled_at', 'Not later.'],
    ['body.callbackUrl', didYouMean('callback_url')],
  ]);
});

test('null is always ignored, and false where it asks for what happens anyway', () => {
  expect(
    judgeFields(rules, { name: 'x', scheduled_at: null, callbackUrl: null, scheduledAt: false }),
  ).toEqual({
    faults: [],
    ignored: ['scheduled_at', 'callbackUrl', 'scheduledAt'],
  });
});

test('a refused name that becomes a field is accepted, and its other spellings suggest it', () => {
  const withField = fieldRules(['scheduled_at'], { scheduled_at: 'Not later.' });
  expect(judgeFields(withField, { scheduled_at: 1 })).toEqual({ faults: [], ignored: [] });
  expect(judgeFields(withField, { scheduledAt: 1 }).faults[0]?.msg).toBe(didYouMean('scheduled_at'));
});

test('a body with only unknown names is refused, and the error lists the known ones', () => {
  expect(judgeFields(rules, { greeting: 'Hello' })).toEqual({
    faults: [
      {
        type: 'unknown_field',
        loc: ['body'],
        msg: 'Nothing of this is known here. Known are: phone_number, initial_context, callback_url, name',
        input: null,
      },
    ],
    ignored: ['greeting'],
  });
});

test.each<JsonObject>([{}, { greeting: null }, { greeting: false }, { greeting: 'Hello', name: 'x' }])(
  '%j has nothing to refuse',
  (body) => {
    expect(judgeFields(rules, body).faults).toEqual([]);
  },
);

test('names inside a field are reported with the name of the field', () => {
  const verdict = judgeFields(rules, { name: 'x', callbackUrl: 1, other: 1 }, 'config');
  expect(verdict.faults[0]?.loc).toEqual(['body', 'config', 'callbackUrl']);
  expect(verdict.ignored).toEqual(['config.other']);
});

test('the names of every object are the body’s own: __proto__ and constructor are names like others', () => {
  const body = JSON.parse('{"name":"x","__proto__":{"scheduled_at":1},"constructor":1}') as JsonObject;
  expect(judgeFields(rules, body)).toEqual({ faults: [], ignored: ['__proto__', 'constructor'] });
});

test('the distance equals that of the textbook algorithm', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 3 }), (one, other, edits) => {
      expect(isWithinEdits(one, other, edits)).toBe(alignmentDistance(one, other) <= edits);
    }),
    { numRuns: 5000 },
  );
});

/** The optimal string alignment distance, calculated with the full table. */
function alignmentDistance(one: string, other: string): number {
  const rows = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (_column, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= one.length; i += 1) {
    for (let j = 1; j <= other.length; j += 1) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        least = Math.min(least, at(i - 2, j - 2) + 1);
      }
      rows[i]![j] = least;
    }
  }
  return at(one.length, other.length);
}

describe('a body of 1 MiB costs little', () => {
  const many = (count: number, name: (index: number) => string): JsonObject =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), 1]));

  /** The first seven letters are those of a known name, so that as much as possible is compared. */
  const nearlyCallbackUrl = (index: number) => `callbac${index.toString(36).padStart(4, '0')}`;

  test.each<[string, JsonObject]>([
    ['100,000 names', many(100_000, (index) => index.toString(36))],
    ['75,000 names that are nearly ours', many(75_000, nearlyCallbackUrl)],
    ['75,000 spellings of a name that is refused', many(75_000, spelling)],
    ['20 names of 50 kB', many(20, (index) => '_'.repeat(50_000) + index.toString())],
  ])('%s: at most 100 ms of CPU, and at most 20 faults', (_name, body) => {
    const costs = Array.from({ length: 3 }, () => {
      const before = process.cpuUsage();
      const { faults } = judgeFields(rules, body);
      const { user, system } = process.cpuUsage(before);
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.length).toBeLessThanOrEqual(20);
      return (user + system) / 1000;
    });
    expect(Math.min(...costs)).toBeLessThan(100);
  });

  /** A different spelling for each index: the bits of the index are the positions of the dashes. */
  function spelling(index: number): string {
    return Array.from('scheduled_at____', (letter, bit) => ((index >> bit) & 1 ? `${letter}-` : letter)).join(
      '',
    );
  }

  test('a body with more names than are judged is refused', () => {
    const body: JsonObject = { name: 'x', ...many(1001, (index) => `x${index}`), scheduled_at: 1 };
    expect(refused(body)).toEqual([
      ['body', 'There are more than 1000 names here that are not known. Leave them out.'],
    ]);
    expect(refused(many(1000, (index) => `x${index}`))).toEqual([]);
  });
});
