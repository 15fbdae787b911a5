import { TriggerError, triggerErrorCodes } from '@dograh-trigger/shared';
import { mayHaveRung, wrongNumber } from '../../trigger-server/console/src/api/call-failure';
import { ApiError } from '../../trigger-server/console/src/api/http';

const failure = (code: TriggerError['code'], problemCode?: string) =>
  new TriggerError({ code, message: 'Refused', problemCode });

test('only while the outcome of a call is unknown the same key is sent again', () => {
  expect(triggerErrorCodes.filter((code) => mayHaveRung(failure(code)))).toEqual(['outcome_unknown']);
  expect([mayHaveRung(new ApiError(504, 'No answer')), mayHaveRung(null)]).toEqual([false, false]);
});

test('a refused input without a code of its own is about the number, which alone was typed', () => {
  expect(wrongNumber(failure('invalid_input'))).toBe('Refused');
  expect(wrongNumber(failure('invalid_input', 'nothing_to_say'))).toBeUndefined();
  expect(wrongNumber(failure('telephony'))).toBeUndefined();
});
