/** Whether a configuration can place calls, and if not, what to do. */
import type { SetupChecklist } from '@dograh-trigger/shared';
import { findProvider } from './registry';

/** @param activeNumbers how many active phone numbers the configuration has. @returns the reason, or null when ready. */
export function outboundBlockedReason(providerName: string, activeNumbers: number): string | null {
  const provider = findProvider(providerName);
  if (provider === undefined) return `Provider '${providerName}' is unavailable.`;
  if (!provider.needsPhoneNumber || activeNumbers > 0) return null;
  return (
    'Outbound calls need a number to dial from. ' +
    `Add at least one number from your ${provider.displayName} account under Phone numbers below.`
  );
}

export function setupChecklist(providerName: string, activeNumbers: number): SetupChecklist {
  const provider = findProvider(providerName);
  const reason = outboundBlockedReason(providerName, activeNumbers);
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
              complete: activeNumbers > 0,
              blocks_outbound: true,
            },
          ]
        : [],
    docs_url: provider?.docsUrl ?? null,
  };
}
