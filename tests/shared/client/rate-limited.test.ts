/** A rate-limited request was not processed, so the client repeats it after the server's Retry-After. */
import { rejectionOf } from '../../support/caught';
import { call, dial, keepsKeys, keyed, placed } from '../../support/client-answers';
import { broken, json, scriptedClient } from '../../support/scripted-client';

const limited = json(429, { detail: 'Too many requests', code: 'rate_limited' }, { 'retry-after': '1' });

test('a read is repeated after Retry-After', async () => {
  const { client, pauses } = scriptedClient([limited, json(200, [])]);
  expect(await client.listAgents()).toEqual([]);
  expect(pauses).toEqual([1]);
});

test('a call is placed at the second or third try, without a wait for a call slot', async () => {
  const recovered = scriptedClient([limited, limited, placed]);
  expect((await recovered.client.triggerCall(call)).runId).toBe(12);
  expect(recovered.pauses).toEqual([1, 1]);
  const lost = scriptedClient([limited, limited, limited]);
  expect(await rejectionOf(lost.client.triggerCall(call))).toMatchObject({
    code: 'busy',
    nothingDialled: true,
  });
});

test('it does not settle an earlier try that may have dialled: the server did not check the key', async () => {
  const { client, calls } = scriptedClient([broken('ECONNRESET'), keepsKeys, limited, limited]);
  expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
  expect(calls()).toEqual([dial, 'GET /health', dial, dial]);
});
