import * as z from 'zod';
import type { TelephonyProvider } from '../../../trigger-server/src/telephony/provider';
import { outboundBlockedReason, setupChecklist } from '../../../trigger-server/src/telephony/readiness';

const carrier: TelephonyProvider = {
  displayName: 'Acme Voice',
  connectivity: 'api',
  docsUrl: 'https://acme.example/docs',
  configuration: z.object({}),
  needsPhoneNumber: true,
  placeCall: () => Promise.resolve({ outcome: 'unknown' }),
};

test('a carrier without a number to dial from is not ready, and says what to add where', () => {
  const reason =
    'Outbound calls need a number to dial from. Add at least one number from your Acme Voice account under Phone numbers below.';
  expect(outboundBlockedReason('acme', carrier, 0)).toBe(reason);
  expect(setupChecklist('acme', carrier, 0)).toMatchObject({
    ready_for_outbound: false,
    outbound_blocked_reason: reason,
    steps: [{ key: 'phone_number', complete: false, blocks_outbound: true }],
    docs_url: 'https://acme.example/docs',
  });
});

test('a carrier with one number is ready, its step complete', () => {
  expect(setupChecklist('acme', carrier, 1)).toMatchObject({
    ready_for_outbound: true,
    outbound_blocked_reason: null,
    steps: [{ key: 'phone_number', complete: true }],
  });
});

test('a provider that needs no number is ready without steps', () => {
  expect(setupChecklist('acme', { ...carrier, needsPhoneNumber: false }, 0)).toMatchObject({
    ready_for_outbound: true,
    steps: [],
  });
});

test('a provider that this server does not have is unavailable, whatever numbers there are', () => {
  expect(setupChecklist('retired', undefined, 5)).toEqual({
    ready_for_outbound: false,
    outbound_blocked_reason: "Provider 'retired' is unavailable.",
    steps: [],
    docs_url: null,
  });
});
