import * as z from 'zod';
import type { TelephonyProvider } from '../../../trigger-server/src/carriers/port/provider';
import { outboundBlockedReason, setupChecklist } from '../../../trigger-server/src/telephony/readiness';

const carrier: TelephonyProvider = {
  displayName: 'Acme Voice',
  connectivity: 'api',
  docsUrl: 'https://acme.example/docs',
  configuration: z.object({}),
  needsPhoneNumber: true,
  needsPublicUrl: false,
  can: ['say', 'hang_up'],
  speech: () => ({ languages: 'any', isVoice: () => true }),
  callbacks: null,
  placeCall: () => Promise.resolve({ outcome: 'unknown' }),
};

const reachable = { publicBaseUrl: 'https://calls.example.com', connectionFault: null };

test('a carrier without a number to dial from is not ready, and says what to add where', () => {
  const reason =
    'Outbound calls need a number to dial from. Add at least one number from your Acme Voice account under Phone numbers below.';
  expect(outboundBlockedReason('acme', carrier, 0, reachable)).toBe(reason);
  expect(setupChecklist('acme', carrier, 0, reachable, null)).toMatchObject({
    ready_for_outbound: false,
    outbound_blocked_reason: reason,
    steps: [{ key: 'phone_number', complete: false, blocks_outbound: true }],
    docs_url: 'https://acme.example/docs',
  });
});

test('a carrier with one number is ready, its step complete', () => {
  expect(setupChecklist('acme', carrier, 1, reachable, null)).toMatchObject({
    ready_for_outbound: true,
    outbound_blocked_reason: null,
    steps: [{ key: 'phone_number', complete: true }],
  });
});

test('a provider that needs no number is ready without steps', () => {
  expect(setupChecklist('acme', { ...carrier, needsPhoneNumber: false }, 0, reachable, null)).toMatchObject({
    ready_for_outbound: true,
    steps: [],
  });
});

test('a provider that this server does not have is unavailable, whatever numbers there are', () => {
  expect(setupChecklist('retired', undefined, 5, reachable, null)).toEqual({
    ready_for_outbound: false,
    outbound_blocked_reason: "Provider 'retired' is unavailable.",
    steps: [],
    docs_url: null,
  });
});

test('a carrier that must call back is not ready without PUBLIC_BASE_URL, and says what to set', () => {
  const unreachable = { publicBaseUrl: null, connectionFault: null };
  const reason = outboundBlockedReason('acme', { ...carrier, needsPublicUrl: true }, 1, unreachable);
  expect(reason).toBe(
    'Acme Voice must be able to reach this server. Start it with PUBLIC_BASE_URL set to its address on the internet, for example https://calls.example.com.',
  );
});

test('a lost connection to the carrier is the reason', () => {
  const connectionFault = { reason: 'Acme Voice is not connected: refused', isTemporary: true };
  const cut = { ...reachable, connectionFault };
  expect(outboundBlockedReason('acme', carrier, 1, cut)).toBe('Acme Voice is not connected: refused');
});
