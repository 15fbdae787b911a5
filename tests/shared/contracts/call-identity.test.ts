import fc from 'fast-check';
import {
  callIdentity,
  callMarker,
  canonicalJson,
  referenceIdentity,
  triggerRequest,
  wireRequest,
  type CallRequest,
  type TriggerRequest,
} from '@dograh-trigger/shared';

type Field = keyof typeof triggerRequest.shape;

const call: CallRequest = {
  target: { triggerUuid: 'support' },
  environment: 'production',
  phoneNumber: '+14155550100',
  initialContext: { name: 'Jane' },
  telephonyConfigurationId: 5,
  fromPhoneNumberId: 6,
  strictVariables: true,
  callbackUrl: 'https://example.com/ended',
  idempotencyKey: 'order-1001',
};

/** Each field of a request, with what sets it and another value of that. */
const changes: Record<Field, Partial<CallRequest>> = {
  phone_number: { phoneNumber: '+14155550101' },
  initial_context: { initialContext: { name: 'John' } },
  telephony_configuration_id: { telephonyConfigurationId: 7 },
  from_phone_number_id: { fromPhoneNumberId: 7 },
  strict_variables: { strictVariables: false },
  callback_url: { callbackUrl: 'https://example.com/elsewhere' },
};
const fields = Object.keys(triggerRequest.shape) as Field[];
const identifying = fields.filter((field) => field !== 'callback_url');

function identityOf(changed: Partial<CallRequest>): string {
  return canonicalJson(callIdentity(wireRequest({ ...call, ...changed })));
}

test('a request of the client can have every field of the contract', () => {
  expect(Object.keys(wireRequest(call)).sort()).toEqual([...fields].sort());
  expect(triggerRequest.parse(wireRequest(call))).toEqual(wireRequest(call));
});

test.each(identifying)('another %s is another call', (field) => {
  expect(wireRequest({ ...call, ...changes[field] })[field]).not.toEqual(wireRequest(call)[field]);
  expect(identityOf(changes[field])).not.toBe(identityOf({}));
});

test.each(identifying)(
  'a call without %s is another one than with it, and the same as with null',
  (field) => {
    const request: Partial<TriggerRequest> = wireRequest(call);
    const absent = canonicalJson(callIdentity({ ...request, [field]: undefined }));
    expect(absent).not.toBe(identityOf({}));
    expect(canonicalJson(callIdentity({ ...request, [field]: null }))).toBe(absent);
  },
);

test('who is told of the end, the key, and how a caller waits make no other call', () => {
  const beside: Partial<CallRequest> = {
    ...changes.callback_url,
    idempotencyKey: 'order-1002',
    earlierTry: 'unknown',
    earlierTrySeconds: 5,
    busyWaitSeconds: 5,
    signal: AbortSignal.timeout(1000),
  };
  expect(identityOf(beside)).toBe(identityOf({}));
});

test('two ways to write a number are one call', () => {
  expect(identityOf({ phoneNumber: '+1 (415) 555-0100' })).toBe(identityOf({}));
});

describe('of two calls with a reference', () => {
  const referred = (changed: Partial<CallRequest>, reference = 'order-1001') =>
    canonicalJson(referenceIdentity(wireRequest({ ...call, ...changed }), reference));

  test.each(identifying.filter((field) => field !== 'phone_number'))(
    'another %s makes no other call',
    (field) => {
      expect(referred(changes[field])).toBe(referred({}));
    },
  );

  test('the number and the reference do', () => {
    expect(referred(changes.phone_number)).not.toBe(referred({}));
    expect(referred({}, 'order-1002')).not.toBe(referred({}));
  });
});

test('the mark of the key is no part of the call: it is made of the key, and that of the call', () => {
  expect(canonicalJson(wireRequest(call).initial_context ?? {})).not.toContain(callMarker);
});

/** The server refuses a value of this name. */
const contextName = fc.string().filter((name) => name !== '__proto__');

test('what was read of a request has the identity of what was sent', () => {
  fc.assert(
    fc.property(fc.dictionary(contextName, fc.jsonValue()), (context) => {
      const sent: TriggerRequest = {
        ...wireRequest(call),
        initial_context: context as TriggerRequest['initial_context'],
      };
      const read = triggerRequest.parse(JSON.parse(JSON.stringify(sent)));
      expect(canonicalJson(callIdentity(read))).toBe(canonicalJson(callIdentity(sent)));
    }),
  );
});
