/** Calls that wait: refused before anything is sent where the server would call at once. */
import { rejectionOf } from '../../support/caught';
import { call, health, placed } from '../../support/client-answers';
import { scriptedClient } from '../../support/scripted-client';

test.each([
  ['Not Before', { notBefore: '2026-12-24T09:00:00Z' }],
  ['When Busy', { whenBusy: 'wait' as const }],
  ['Reference', { reference: 'order-1' }],
])('%s is refused on a server without scheduling, and no call is sent', async (label, fields) => {
  const { client, requests } = scriptedClient([health([])]);
  const error = await rejectionOf(client.triggerCall({ ...call, ...fields }));
  expect(error).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining(`does not know ${label},`),
  });
  expect(requests.map(({ method }) => method)).toEqual(['GET']);
});

test('on a server with scheduling the fields are sent', async () => {
  const { client, requests } = scriptedClient([health(['scheduling']), placed]);
  await client.triggerCall({ ...call, notBefore: '2026-12-24T09:00:00Z' });
  expect(JSON.parse(requests[1]?.body ?? '{}')).toMatchObject({ not_before: '2026-12-24T09:00:00Z' });
});

test('a call without these fields is sent without a question', async () => {
  const { client, requests } = scriptedClient([placed]);
  await client.triggerCall(call);
  expect(requests).toHaveLength(1);
});
