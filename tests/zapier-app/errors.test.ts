import { TriggerError, triggerErrorCodes, type TriggerErrorCode } from '@dograh-trigger/shared';
import { afterCall, toZapierError } from '../../zapier-app/src/platform/errors';
import { appTester, readFailure, type StepFailure } from '../support/zapier';
import type { TriggerErrorOptions } from '@dograh-trigger/shared';

/** The error that a step throws for this error of the client. */
async function translate(fields: TriggerErrorOptions, random = () => 0): Promise<StepFailure> {
  return readFailure(await translated(new TriggerError(fields), random));
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

test.each(triggerErrorCodes)('%s becomes the class in the table, with its message', async (code) => {
  const failure = await translate({ code, message: 'What happened and what to do.' });
  expect(failure).toMatchObject({ name: classes[code], message: 'What happened and what to do.' });
});

test.each(triggerErrorCodes.filter((code) => code !== 'invalid_key'))(
  '%s after a call was placed halts the step, with its message and the run id',
  async (code) => {
    const error = new TriggerError({ code, message: 'What happened.' });
    const failure = readFailure(await appTester((z) => Promise.resolve(afterCall(z, error, 501) as Error)));
    expect(failure).toEqual({
      name: 'HaltedError',
      message:
        'The call was placed, but its result cannot be read: What happened. Find Call reads the call by its Run ID, 501. ' +
        'A replay with the same input calls nobody for 12 hours after the call (with a Call Reference: 30 days), unless ' +
        'If the Same Call Was Placed Before is Call Again.',
    });
  },
);

test('an Error has the code and the status, for Zapier’s log', async () => {
  expect(await translate({ code: 'not_found', message: 'Gone.', status: 404 })).toEqual({
    name: 'AppError',
    message: 'Gone.',
    code: 'not_found',
    status: 404,
  });
});

test.each<[Partial<TriggerErrorOptions>, string]>([
  [{ nothingDialled: true, detail: 'Telephony provider not configured' }, 'AppError'],
  [{ nothingDialled: true, problemCode: 'telephony_not_ready' }, 'AppError'],
  [{ nothingDialled: true, problemCode: 'nothing_to_say' }, 'AppError'],
  [{ nothingDialled: true, problemCode: 'call_refused' }, 'HaltedError'],
  [{ nothingDialled: false, detail: 'Telephony provider not configured' }, 'HaltedError'],
  [{ detail: 'from_phone_number_not_found' }, 'HaltedError'],
])(
  'a telephony error with %j is an %s: only setup problems are replayed, and the message does not decide',
  async (fields, name) => {
    const failure = await translate({ code: 'telephony', message: 'Refused.', status: 400, ...fields });
    expect(failure.name).toBe(name);
  },
);

test.each([
  ['asks for nothing', undefined, 60],
  ['asks for less than half a minute', 7, 30],
  ['asks for no pause', 0, 30],
  ['asks for a time', 90, 90],
  ['asks for days', 1_000_000, 6 * 3600],
])(
  'a busy server that %s delays the step by that time, within bounds, spread over a minute',
  async (_, asked, least) => {
    const busy = { code: 'busy', message: 'Busy.', retryAfterSeconds: asked } as const;
    expect((await translate(busy, () => 0)).delay).toBe(least);
    expect((await translate(busy, () => 0.999)).delay).toBe(least + 59);
  },
);

test('any other error is thrown unchanged', async () => {
  const fault = new TypeError('a fault of the app');
  expect(await translated(fault)).toBe(fault);
});
