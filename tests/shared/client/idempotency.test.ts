import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  canonicalJson,
  idempotencyKey,
  sha256Hex,
  type JsonObject,
  type JsonValue,
} from '@dograh-trigger/shared';

const json = fc.jsonValue().map((value) => value as JsonValue);

describe('canonicalJson', () => {
  test.each<[JsonValue, string]>([
    [null, 'null'],
    [1.0, '1'],
    ['a"b\n😀', '"a\\"b\\n😀"'],
    [[], '[]'],
    [{}, '{}'],
    [[1, [2, {}], 'x'], '[1,[2,{}],"x"]'],
    [{ b: 1, a: { d: [true, null], c: 2 } }, '{"a":{"c":2,"d":[true,null]},"b":1}'],
    [{ é: 1, z: 2, '😀': 3, '\uff00': 4 }, '{"z":2,"é":1,"😀":3,"\uff00":4}'],
    [{ '10': 1, '9': 2 }, '{"10":1,"9":2}'],
  ])('%j is written as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('parsing the canonical text returns the same JSON value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('the order in which keys were added makes no difference', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
      }),
    );
  });

  test('a key named __proto__ is serialized like any other', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}') as JsonValue)).toBe(
      '{"__proto__":{"a":2},"b":1}',
    );
  });

  test('undefined is left out, as in JSON.stringify', () => {
    const value: JsonObject = { a: 1, c: [2] };
    Object.assign(value, { b: undefined });
    expect(canonicalJson(value)).toBe('{"a":1,"c":[2]}');
  });

  test('100,000 levels do not overflow the stack', () => {
    let value: JsonValue = 0;
    for (let level = 0; level < 50_000; level += 1) value = [{ a: value }];
    expect(canonicalJson(value)).toBe(`${'[{"a":'.repeat(50_000)}0${'}]'.repeat(50_000)}`);
  });
});

describe('sha256Hex', () => {
  test('hashes a key as the API stores it (golden vector of the API)', () => {
    expect(sha256Hex(`dgr_${'A'.repeat(43)}`)).toBe(
      '5e44fff5e84c311f405e588e8f50fd6bbb6da04879344401ab706b9542550152',
    );
  });

  test('hashes the UTF-8 bytes', () => {
    expect(sha256Hex('é')).toBe(
      createHash('sha256')
        .update(Buffer.from([0xc3, 0xa9]))
        .digest('hex'),
    );
  });
});

describe('idempotencyKey', () => {
  test('equal parts have the same key, in any order of their object keys', () => {
    expect(idempotencyKey(['run 1', 0, { a: 1, b: 2 }])).toBe(idempotencyKey(['run 1', 0, { b: 2, a: 1 }]));
  });

  test('other parts, another order or another split have another key', () => {
    const keys = [['ab', 'c'], ['a', 'bc'], ['c', 'ab'], ['abc'], ['ab', 'c', null], [['ab', 'c']]].map(
      idempotencyKey,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('a key has 64 hex digits, which are valid in a header and a URL', () => {
    expect(idempotencyKey([{ text: 'ü'.repeat(10_000) }])).toMatch(/^[0-9a-f]{64}$/);
  });
});
