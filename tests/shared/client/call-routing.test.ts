import { routingHeaders, type CallRouting } from '@dograh-trigger/shared';
import * as fc from 'fast-check';
import { call, placed } from '../../support/client-answers';
import { scriptedClient } from '../../support/scripted-client';

async function readBack(headers: Record<string, string>): Promise<CallRouting> {
  const { client } = scriptedClient([{ ...placed, headers }]);
  const { mode, fallbackFrom } = await client.triggerCall(call);
  return { mode, fallbackFrom };
}

test('any account name survives the way through the headers', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
  const fields = fc.record({
    mode: text,
    fallbackFrom: fc.option(fc.record({ name: text, reason: text })),
  });
  await fc.assert(
    fc.asyncProperty(fields, async (said) => {
      const headers = routingHeaders(said);
      expect(Object.values(headers).join('')).toMatch(/^[\x20-\x7e]*$/);
      expect(await readBack(headers)).toEqual(said);
    }),
  );
});

test('text that is not valid Unicode, or too long for a header, is still sent', async () => {
  const fallbackFrom = { name: '\ud800'.repeat(200), reason: '😀'.repeat(1000) };
  const headers = routingHeaders({ mode: 'sandbox', fallbackFrom });
  expect(headers['call-fallback']?.length).toBeLessThan(4000);
  expect(await readBack(headers)).toEqual({
    mode: 'sandbox',
    fallbackFrom: { name: `${'\ufffd'.repeat(100)}…`, reason: expect.stringMatching(/^(😀)+…$/) as string },
  });
});

test('without the headers both values are null', async () => {
  expect(routingHeaders({ mode: null, fallbackFrom: null })).toEqual({});
  expect(await readBack({})).toEqual({ mode: null, fallbackFrom: null });
});

test('a header that is not percent-encoded is returned unchanged, without an error', async () => {
  expect(await readBack({ 'call-mode': '100%', 'call-fallback': '50% off' })).toEqual({
    mode: '100%',
    fallbackFrom: { name: '50% off', reason: '' },
  });
});
