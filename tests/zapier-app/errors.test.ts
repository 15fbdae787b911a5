import { TriggerError, triggerErrorCodes, type TriggerErrorCode } from '@dograh-trigger/shared';
import { toZapierError } from '../../zapier-app/src/lib/errors';
import { appTester, readFailure, type StepFailure } from '../support/zapier';
import type { TriggerErrorFacts } from '@dograh-trigger/shared';

/** What a step would throw for this error of the client. */
async function translate(facts: TriggerErrorFacts, random = () => 0): Promise<StepFailure> {
  return readFailure(await translated(new TriggerError(facts), random));
}

function translated(error: Error, random = () => 0): Promise<Error> {
  return appTester((z) => Promise.resolve(toZapierError(z, error, random) as Error));
}

const classes: Record<TriggerErrorCode, string> = {
  invalid_input: 'HaltedError',
  invalid_key: 'ExpiredAuthError',
  forbidden: 'AppError',
  not_found: 'AppError',
  out_of_credits: 'HaltedError',
  conflict: 'AppError',
  busy: 'ThrottledError',
  telephony: 'HaltedError',
  outcome_unknown: 'HaltedError',
  unreachable: 'AppError',
  server: 'AppError',
  unexpected_response: 'AppError',
  wait_timeout: 'HaltedError',
  canceled: 'HaltedError',
};

test.each(triggerErrorCodes)('%s becomes the class that the table says, with its message', async (code) => {
  const failure = await translate({ code, message: 'What happened and what to do.' });
  expect(failure).toMatchObject({ name: classes[code], message: 'What happened and what to do.' });
});

test('an Error keeps the code and the status, for Zapier’s log', async () => {
  expect(await translate({ code: 'not_found', message: 'Gone.', status: 404 })).toEqual({
    name: 'AppError',
    message: 'Gone.',
    code: 'not_found',
    status: 404,
  });
});

test.each([
  ['Telephony provider not configured for this organization', 'AppError'],
  ["'Main' is not ready for outbound calls. Outbound calls need a number to dial from.", 'AppError'],
  ['from_phone_number_not_found', 'AppError'],
  ['Failed to initiate call: 400: {"code": 21211}', 'HaltedError'],
  ['Failed to initiate call: Telephony provider not configured for this organization', 'HaltedError'],
  ['Anything that is not known', 'HaltedError'],
  [undefined, 'HaltedError'],
])(
  'a refusal by telephony with the detail %j is an %s: only what came before the dial is replayed',
  async (detail, name) => {
    const failure = await translate({ code: 'telephony', message: 'Refused.', status: 400, detail });
    expect(failure.name).toBe(name);
  },
);

test('a full server delays the step by what the server asks for', async () => {
  const failure = await translate({ code: 'busy', message: 'Busy.', retryAfterSeconds: 7 });
  expect(failure.delay).toBe(7);
});

test.each([
  [0, 60],
  [0.999, 119],
])(
  'a full server that asks for nothing delays the step by one to two minutes (random %d: %d s)',
  async (at, delay) => {
    expect((await translate({ code: 'busy', message: 'Busy.' }, () => at)).delay).toBe(delay);
  },
);

test('what is no error of the client is thrown as it is', async () => {
  const fault = new TypeError('a fault of the app');
  expect(await translated(fault)).toBe(fault);
});
