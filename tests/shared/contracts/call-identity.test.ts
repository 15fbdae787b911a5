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

/** Each field of a request, with another value and the option that sets it. */
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

test('the client can set every field of the contract', () => {
  expect(Object.keys(wireRequest(call)).sort()).toEqual([...fields].sort());
  expect(triggerRequest.parse(wireRequest(call))).toEqual(wireRequest(call));
});

test.each(identifying)('another %s is another call', (field) => {
  expect(wireRequest({ ...call, ...changes[field] })[field]).not.toEqual(wireRequest(call)[field]);
  expect(identityOf(changes[field])).not.toBe(identityOf({}));
});

test.each(identifying)(
  'a call without %s differs from one with it, and equals one with null',
  (field) => {
    const request: Partial<TriggerRequest> = wireRequest(call);
    const absent = canonicalJson(callIdentity({ ...request, [field]: undefined }));
    expect(absent).not.toBe(identityOf({}));
    expect(canonicalJson(callIdentity({ ...request, [field]: null }))).toBe(absent);
  },
);

test('the callback URL, the key and the wait options do not make it another call', () => {
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

test('two spellings of a number are the same call', () => {
  expect(identityOf({ phoneNumber: '+1 (415) 555-0100' })).toBe(identityOf({}));
});

describe('for two calls with a reference', () => {
  const referred = (changed: Partial<CallRequest>, reference = 'order-1001') =>
    canonicalJson(referenceIdentity(wireRequest({ ...call, ...changed }), reference));

  test.each(identifying.filter((field) => field !== 'phone_number'))(
    'another %s does not make it another call',
    (field) => {
      expect(referred(changes[field])).toBe(referred({}));
    },
  );

  test('another number or reference does', () => {
    expect(referred(changes.phone_number)).not.toBe(referred({}));
    expect(referred({}, 'order-1002')).not.toBe(referred({}));
  });
});

test('the mark is not part of the identity: it is derived from the key, and the key from the identity', () => {
  expect(canonicalJson(wireRequest(call).initial_context ?? {})).not.toContain(callMarker);
});

/** The server refuses a value of this name. */
const contextName = fc.string().filter((name) => name !== '__proto__');

test('the request as parsed by the server has the same identity as the sent one', () => {
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
