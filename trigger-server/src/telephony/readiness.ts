/** Whether a configuration can place calls, and if not, what to do. */
import type { SetupChecklist } from '@dograh-trigger/shared';
import type { TelephonyProvider } from './provider';

/**
 * @param provider undefined when this build does not have it (any more).
 * @param callerIds how many of the configuration's phone numbers can be shown to the one who is called.
 * @returns the reason why it cannot place calls, or null when it can.
 */
export function outboundBlockedReason(
  providerName: string,
  provider: TelephonyProvider | undefined,
  callerIds: number,
): string | null {
  if (provider === undefined) return `Provider '${providerName}' is unavailable.`;
  if (!provider.needsPhoneNumber || callerIds > 0) return null;
  return (
    'Outbound calls need a number to dial from. ' +
    `Add at least one number from your ${provider.displayName} account under Phone numbers below.`
  );
}

/** The same as a list of steps, for a console. */
export function setupChecklist(
  providerName: string,
  provider: TelephonyProvider | undefined,
  callerIds: number,
): SetupChecklist {
  const reason = outboundBlockedReason(providerName, provider, callerIds);
  return {
    ready_for_outbound: reason === null,
    outbound_blocked_reason: reason,
    steps:
      provider?.needsPhoneNumber === true
        ? [
            {
              key: 'phone_number',
              title: 'Add a phone number',
              description: 'The number that people see when they are called.',
              complete: callerIds > 0,
              blocks_outbound: true,
            },
          ]
        : [],
    docs_url: provider?.docsUrl ?? null,
  };
}
