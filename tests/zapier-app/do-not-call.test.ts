/** The do-not-call list, with the real server. */
import { addToDoNotCall, addToDoNotCallStep } from '../../zapier-app/src/creates/add-to-do-not-call';
import { checkDoNotCallStep } from '../../zapier-app/src/searches/check-do-not-call';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { startStandIn } from '../support/dograh-stand-in';
import { failureOf, makeBundle, runStep } from '../support/zapier';
import { nextNumber, startZapierServer, type ZapierServer } from '../support/zapier-server';

let server: ZapierServer;

beforeAll(async () => {
  server = await startZapierServer();
});
afterAll(() => server.stop());

const check = (input: object) => runStep(checkDoNotCallStep, server.bundleFor(input));

test('a number that was added is found, and not called any more', async () => {
  const number = nextNumber();
  expect(await check({ phone_number: number })).toEqual([]);
  const input = { phone_number: number, reason: 'Asked by e-mail', until: '2099-01-31T00:00:00+01:00' };
  const added = await runStep(addToDoNotCallStep, server.bundleFor(input));
  expect(added).toEqual({
    id: number,
    do_not_call: true,
    reason: 'Asked by e-mail',
    source: 'zapier',
    until: '2099-01-30T23:00:00.000Z',
    added_at: expect.any(String) as string,
  });
  expect(Object.keys(addToDoNotCall.operation.sample ?? {})).toEqual(Object.keys(added));
  expect(await check({ phone_number: number.slice(2), default_country: 'US' })).toEqual([added]);
  const call = await failureOf(runStep(startCallStep, server.bundleFor(server.callInput(number))));
  expect(call.name).toBe('HaltedError');
  expect(await server.dials(number)).toBe(0);
});

test('an invalid number is refused in words', async () => {
  expect(await failureOf(check({ phone_number: '12' }))).toMatchObject({
    name: 'HaltedError',
    message: expect.stringContaining('Phone Number: ') as string,
  });
});

test('on a server without a list both steps say so', async () => {
  const plain = await startStandIn();
  try {
    const bundle = makeBundle(plain.url, { phone_number: '+14155550100' });
    for (const step of [runStep(addToDoNotCallStep, bundle), runStep<unknown>(checkDoNotCallStep, bundle)]) {
      expect((await failureOf(step)).message).toContain('This server has no do-not-call list');
    }
  } finally {
    await plain.close();
  }
});
