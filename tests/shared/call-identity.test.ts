/** What makes a call another call: every field of the contract, but for where its end is told. */
import { callIdentity, canonicalJson, triggerRequest, type TriggerRequest } from '@dograh-trigger/shared';

const request: TriggerRequest = {
  phone_number: '+14155550100',
  initial_context: { user: { name: 'Jane' } },
  telephony_configuration_id: 1,
  from_phone_number_id: 2,
  strict_variables: true,
  callback_url: 'https://example.com/ended',
};

/** Another value for each field; a field that is added to the contract is missing here, and the test says so. */
const others: Record<keyof typeof triggerRequest.shape, unknown> = {
  phone_number: '+14155550101',
  initial_context: { user: { name: 'Jo' } },
  telephony_configuration_id: 3,
  from_phone_number_id: 4,
  strict_variables: false,
  callback_url: 'https://example.com/elsewhere',
};

const identity = (of: object) => canonicalJson(callIdentity(of as TriggerRequest));

test.each(Object.keys(triggerRequest.shape))('another %s is another call, but for callback_url', (field) => {
  expect(others).toHaveProperty(field);
  const changed = { ...request, [field]: others[field as keyof typeof others] };
  expect(identity(changed) === identity(request)).toBe(field === 'callback_url');
});

test.each(Object.keys(triggerRequest.shape))(
  'leaving %s out is another call, but for callback_url',
  (field) => {
    const { [field]: _left, ...rest } = request;
    expect(identity(rest) === identity(request)).toBe(field === 'callback_url');
  },
);

test('what is null, what is absent and what no contract knows make no difference', () => {
  const given = { phone_number: '+14155550100' };
  expect(identity({ ...given, initial_context: null, from_phone_number_id: null })).toBe(identity(given));
  expect(identity({ ...given, nickname: 'Jo' })).toBe(identity(given));
});
