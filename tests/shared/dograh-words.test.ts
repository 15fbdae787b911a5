/**
 * The client's error for each of Dograh's own texts (version 1.45.0, public_agent.py, depends.py,
 * quota_service.py), which Dograh sends with a status and a `detail` but without a code.
 */
import * as z from 'zod';
import type { TriggerErrorCode } from '@dograh-trigger/shared';
import { isDialFailure } from '../../shared/src/dograh-words';
import { readReply } from '../../shared/src/client/responses';
import { caughtFrom } from '../support/caught';
import { json, text } from '../support/scripted-client';

const url = 'https://api.dograh.com/api/v1/public/agent/support';
const twilioRefusal =
  'Failed to initiate call: 400: {"code": 21211, "message": "Invalid \'To\' Phone Number", "more_info": "https://www.twilio.com/docs/errors/21211", "status": 400}';
const plivoWithoutId = 'Failed to initiate call: Plivo response missing call identifier: {}';
const cloudonixFailure =
  'Failed to initiate call: Failed to initiate call via Cloudonix (HTTP 503): upstream is away';
const missing = (place: string[], input: unknown) => [
  { type: 'missing', loc: place, msg: 'Field required', input },
];

function errorOf(status: number, detail: unknown) {
  const sent = { method: 'POST', url, dials: true } as const;
  return caughtFrom(() => readReply(json(status, { detail }), z.object({}), sent));
}

test.each<[number, unknown, TriggerErrorCode, boolean]>([
  [422, missing(['header', 'X-API-Key'], null), 'invalid_key', true],
  [
    422,
    [...missing(['body', 'phone_number'], {}), ...missing(['header', 'X-API-Key'], null)],
    'invalid_key',
    true,
  ],
  [422, missing(['body', 'phone_number'], {}), 'invalid_input', true],
  [401, 'Invalid API key', 'invalid_key', true],
  [401, 'Invalid or expired API key', 'invalid_key', true],
  [401, 'API key has no associated user', 'invalid_key', true],
  [401, 'API key owner not found', 'invalid_key', true],
  [401, 'Authorization header required', 'invalid_key', true],
  [401, 'You must configure telephony first by going to APP_URL/configure-telephony', 'telephony', true],
  [404, 'Agent trigger not found', 'not_found', true],
  [403, 'Access denied', 'forbidden', true],
  [404, 'Agent trigger is not active', 'not_found', true],
  [404, 'Workflow not found', 'not_found', true],
  [404, 'Workflow is not active', 'not_found', true],
  [404, 'Workflow has no published definition', 'not_found', true],
  [404, 'Trigger not found in the selected Agent', 'not_found', true],
  [409, 'Workflow has no execution owner', 'conflict', true],
  [404, 'Telephony configuration not found', 'not_found', true],
  [400, 'Telephony provider not configured for this organization', 'telephony', true],
  [400, 'Telephony provider not configured for this configuration', 'telephony', true],
  [400, "'Main' is not ready for outbound calls. Add a phone number.", 'telephony', true],
  [
    400,
    "'Failed to initiate call: 1' is not ready for outbound calls. Add a phone number.",
    'telephony',
    true,
  ],
  [400, 'from_phone_number_not_found', 'telephony', true],
  [429, 'Concurrent call limit reached', 'busy', true],
  [402, 'Could not verify Dograh credits. Please try again.', 'out_of_credits', true],
  [
    402,
    'You have invalid keys in your model configuration. Please validate the service keys.',
    'out_of_credits',
    true,
  ],
  [400, twilioRefusal, 'telephony', false],
  [400, 'Failed to initiate call: ', 'outcome_unknown', false],
  [400, 'Failed to initiate call: 502: Bad Gateway', 'outcome_unknown', false],
  [400, 'Failed to initiate call: 408: Request Timeout', 'outcome_unknown', false],
  [400, plivoWithoutId, 'outcome_unknown', false],
  [400, cloudonixFailure, 'outcome_unknown', false],
  [400, 'Failed to initiate call: 400: {"message": "5003 is no number"}', 'telephony', false],
  [
    400,
    'Failed to initiate call: Telephony provider not configured for this organization',
    'telephony',
    false,
  ],
  [400, "Failed to initiate call: 'Main' is not ready for outbound calls", 'telephony', false],
  [400, 'Failed to initiate call: from_phone_number_not_found', 'telephony', false],
  [503, 'Dograh could not verify managed model access.', 'outcome_unknown', false],
])('%i %j is %s; that nothing was dialled is certain: %s', (status, detail, code, nothingDialled) => {
  expect(errorOf(status, detail)).toMatchObject({ code, status, nothingDialled });
});

test('an unhandled exception of Dograh, in plain text, leaves the outcome unknown', () => {
  const sent = { method: 'POST', url, dials: true } as const;
  const error = caughtFrom(() => readReply(text(500, 'Internal Server Error'), z.object({}), sent));
  expect(error).toMatchObject({ code: 'outcome_unknown', nothingDialled: false });
});

test.each([
  [twilioRefusal, true],
  ['Failed to initiate call: ', true],
  ['You have exhausted your Dograh credits. Please purchase more credits from /billing', false],
  ['Quota exceeded', false],
])('the error %j on a run says that the carrier was asked: %s', (error, wasAsked) => {
  expect(isDialFailure(error)).toBe(wasAsked);
});
