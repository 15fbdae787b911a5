/** Which traces of callers are accepted (https://www.w3.org/TR/trace-context/). */
import { readTrace, traceHeaders } from '../../../trigger-server/src/http/request/trace-context';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const valid = `00-${id}-${parent}-01`;

const members = (count: number) => Array.from({ length: count }, (_, n) => `k${String(n)}=v`).join(',');

test.each([
  ['sampled', valid, '01'],
  ['not sampled', `00-${id}-${parent}-00`, '00'],
  ['with bits that version 00 does not define, which are cleared', `00-${id}-${parent}-fe`, '02'],
  ['of a later version', `cc-${id}-${parent}-01`, '01'],
  ['of a later version, with further parts', `cc-${id}-${parent}-01-what-may-come`, '01'],
  ['with 64 bits of an older tracer', `00-0000000000000000a3ce929d0e0e4736-${parent}-01`, '01'],
])('a trace %s is accepted', (_name, traceparent, flags) => {
  expect(readTrace({ traceparent })).toMatchObject({ traceId: traceparent.slice(3, 35), flags });
});

test.each([
  ['no header', undefined],
  ['an empty one', ''],
  ['the forbidden version', `ff-${id}-${parent}-01`],
  ['further parts in version 00', `${valid}-x`],
  ['something attached', `cc-${id}-${parent}-01.x`],
  ['capital letters', valid.toUpperCase()],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
  ['a trace id that may be a phone number', `00-${'14155550100'.padStart(32, '0')}-${parent}-01`],
  ['a short trace id', `00-${id.slice(1)}-${parent}-01`],
  ['a parent id of zeros', `00-${id}-${'0'.repeat(16)}-01`],
  ['two headers', `${valid}, ${valid}`],
  ['spaces', ` ${valid}`],
])('%s is no trace', (_name, traceparent) => {
  expect(readTrace({ traceparent, tracestate: 'k=v' })).toBeNull();
});

test.each([
  'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
  'fw529a3039@dt=a:b ,\t, x=y',
  `k=${'v'.repeat(256)}`,
  members(32),
])('the state %p is passed on unchanged', (tracestate) => {
  const trace = readTrace({ traceparent: valid, tracestate })!;
  expect(traceHeaders(trace, { uuid: () => crypto.randomUUID() }).tracestate).toBe(tracestate);
});

test.each([
  ['is empty', ''],
  ['has no value', 'k'],
  ['has an empty value', 'k='],
  ['has a name in capitals', 'K=v'],
  ['has a line break', 'k=v\r\nx: y'],
  ['has other characters', 'k=ü'],
  ['has 33 members', members(33)],
  ['has 513 characters', `a=${'v'.repeat(254)},b=${'v'.repeat(254)}`],
])('a state that %s is left out, and the trace stays', (_name, tracestate) => {
  const trace = readTrace({ traceparent: valid, tracestate });
  expect(trace).toEqual({ traceId: id, flags: '01', state: null });
});

test('each request is a span of its own', () => {
  const trace = readTrace({ traceparent: valid })!;
  const uuids = ['11111111-2222-4333-8444-555555555555', '11111111-2222-4333-b444-555555555556'];
  const made = uuids.map((uuid) => traceHeaders(trace, { uuid: () => uuid }));
  expect(made).toEqual([
    { traceparent: `00-${id}-8444555555555555-01` },
    { traceparent: `00-${id}-b444555555555556-01` },
  ]);
});
