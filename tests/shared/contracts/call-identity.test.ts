import fc from 'fast-check';
import { triggerFields, type TriggerField } from '../../support/trigger-fields';
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

const call: CallRequest = {
  target: { triggerUuid: 'support' },
  environment: 'production',
  phoneNumber: '+14155550100',
  idempotencyKey: 'order-1001',
};

const fields = Object.keys(triggerRequest.shape) as TriggerField[];
const identifying = fields.filter((field) => field !== 'callback_url');

function identityOf(changed: Partial<CallRequest>): string {
  return canonicalJson(callIdentity(wireRequest({ ...call, ...changed })));
}

test('the table of fields has every field of the contract', () => {
  expect(Object.keys(triggerFields).sort()).toEqual([...fields].sort());
});

test('the client can set every field of the contract', () => {
  const request = wireRequest(
    fields.reduce((all, field) => ({ ...all, ...triggerFields[field].client }), call),
  );
  expect(Object.keys(request).sort()).toEqual([...fields].sort());
  expect(Object.values(request)).not.toContain(undefined);
  expect(triggerRequest.parse(request)).toEqual(request);
});

test('every field of the contract has a title for errors', () => {
  const titles = Object.values(triggerRequest.shape).map((field) => field.meta()?.title);
  expect(titles).not.toContain(undefined);
});

test.each(identifying)('a call with another %s is another call', (field) => {
  expect(identityOf(triggerFields[field].client)).not.toBe(identityOf({}));
});

test.each(identifying)('a call with %s: null is the same as a call without it', (field) => {
  const request: Partial<TriggerRequest> = wireRequest({ ...call, ...triggerFields[field].client });
  const absent = canonicalJson(callIdentity({ ...request, [field]: undefined }));
  expect(canonicalJson(callIdentity({ ...request, [field]: null }))).toBe(absent);
});

test('the callback URL, the key and the wait options do not make it another call', () => {
  const beside: Partial<CallRequest> = {
    ...triggerFields.callback_url.client,
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
      expect(referred(triggerFields[field].client)).toBe(referred({}));
    },
  );

  test('another number or reference does', () => {
    expect(referred(triggerFields.phone_number.client)).not.toBe(referred({}));
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
