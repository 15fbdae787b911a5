/** Says whether a configuration can place calls, and if not, what to do. */
import type { AccountVerification, SetupChecklist, TelephonyConfiguration } from '@dograh-trigger/shared';
import { answerModesOf } from '../carriers/answer-modes';
import type { Services } from '../services';
import type { ConnectionFault, TelephonyProvider } from '../carriers/port/provider';
import type { CarrierTools } from '../carriers/port/tools';

/** What readiness depends on besides the configuration itself. */
export interface OutboundEnvironment {
  publicBaseUrl: string | null;
  /** Why the configuration's persistent connection cannot be used now; null when it can, or when there is none. */
  connectionFault: ConnectionFault | null;
}

export function outboundEnvironment(
  services: Pick<Services, 'config' | 'connections'>,
  configurationId: number,
): OutboundEnvironment {
  return {
    publicBaseUrl: services.config.publicBaseUrl,
    connectionFault: services.connections.faultOf(configurationId),
  };
}

/**
 * @param provider undefined when this version does not have it.
 * @param callerIds how many of the configuration's phone numbers can be a caller ID.
 * @returns why it cannot place calls; null when it can.
 */
export function outboundBlockedReason(
  providerName: string,
  provider: TelephonyProvider | undefined,
  callerIds: number,
  environment: OutboundEnvironment,
): string | null {
  if (provider === undefined) return `Provider '${providerName}' is unavailable.`;
  if (provider.needsPhoneNumber && callerIds === 0) {
    return (
      'Outbound calls need a number to dial from. ' +
      `Add at least one number from your ${provider.displayName} account under Phone numbers below.`
    );
  }
  if (provider.needsPublicUrl && environment.publicBaseUrl === null) {
    return (
      `${provider.displayName} must be able to reach this server. ` +
      'Start it with PUBLIC_BASE_URL set to its address on the internet, for example https://calls.example.com.'
    );
  }
  return environment.connectionFault?.reason ?? null;
}

/**
 * The reason that people are shown. Beyond `outboundBlockedReason`, which decides about calls, it has the last refusal of a
 * carrier that is asked on save. That may have passed since, so a call is tried all the same: the carrier answers it.
 */
export function shownBlockedReason(
  providerName: string,
  provider: TelephonyProvider | undefined,
  callerIds: number,
  environment: OutboundEnvironment,
  last: AccountVerification | null,
): string | null {
  const blocked = outboundBlockedReason(providerName, provider, callerIds, environment);
  if (blocked !== null) return blocked;
  return provider?.asksOnSave === true && last?.ok === false ? last.detail : null;
}

/** What is known of an account. A simulated carrier has nothing to refuse. @param blockedReason as it is shown. */
export function readinessOf(
  blockedReason: string | null,
  provider: TelephonyProvider | undefined,
  last: AccountVerification | null,
): NonNullable<TelephonyConfiguration['readiness']> {
  if (blockedReason !== null || last?.ok === false) return 'not_ready';
  const isKnown = last?.ok === true || provider?.isSimulated === true || provider?.verify === undefined;
  return isKnown ? 'ready' : 'unchecked';
}

/** The same as a list of steps, for the console. */
export function setupChecklist(
  providerName: string,
  provider: TelephonyProvider | undefined,
  callerIds: number,
  environment: OutboundEnvironment,
  last: AccountVerification | null,
): SetupChecklist {
  const reason = shownBlockedReason(providerName, provider, callerIds, environment, last);
  return {
    ready_for_outbound: reason === null,
    outbound_blocked_reason: reason,
    steps: [
      ...(provider?.needsPhoneNumber === true
        ? [
            {
              key: 'phone_number',
              title: 'Add a phone number',
              description: 'The number that people see when they are called.',
              complete: callerIds > 0,
              blocks_outbound: true,
            },
          ]
        : []),
      ...(provider?.needsPublicUrl === true
        ? [
            {
              key: 'public_base_url',
              title: 'Let the carrier reach this server',
              description: 'The operator starts the server with PUBLIC_BASE_URL.',
              complete: environment.publicBaseUrl !== null,
              blocks_outbound: true,
            },
          ]
        : []),
    ],
    docs_url: provider?.docsUrl ?? null,
  };
}

/**
 * What the calls of an agent get that names no answer.
 * @param hasModel whether the organization has a language model.
 * @returns null for a provider whose calls another server holds.
 */
export function defaultAnswerOf(
  provider: Pick<TelephonyProvider, 'can' | 'whyNoTalk' | 'displayName'>,
  hasModel: boolean,
  tools: Pick<CarrierTools, 'sttCommand'>,
): NonNullable<SetupChecklist['default_answer']> | null {
  const modes = answerModesOf(provider, tools);
  if (!modes.includes('announce')) return null;
  const announce = (reason: string) => ({
    answer: 'announce',
    reason: `${reason} An agent that names no answer speaks its greeting and does not listen.`,
  });
  if (!modes.includes('converse')) {
    return announce(
      provider.whyNoTalk?.(tools) ??
        `This server cannot hold a conversation through ${provider.displayName}.`,
    );
  }
  if (!hasModel) return announce('No language model is configured.');
  return {
    answer: 'converse',
    reason:
      'A language model is configured: an agent that names no answer talks, if it was published since then. One published before speaks its greeting only, until it is published again.',
  };
}
