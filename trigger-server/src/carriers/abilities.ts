/** What calls through a carrier can do, as the API says it. */
import type { ProviderMetadata } from '@dograh-trigger/shared';
import { answerModesOf, voicemailOf } from './answer-modes';
import type { TelephonyProvider } from './port/provider';
import type { CarrierTools } from './port/tools';

export type Abilities = Pick<
  ProviderMetadata,
  'answers' | 'relays' | 'transfers' | 'voicemail' | 'languages'
>;

export function abilitiesOf(
  provider: TelephonyProvider,
  tools: Pick<CarrierTools, 'ttsCommand' | 'sttCommand'>,
): Required<Abilities> {
  const { languages } = provider.speech(tools);
  return {
    answers: answerModesOf(provider, tools),
    relays: provider.can.includes('relay'),
    transfers: provider.can.includes('transfer'),
    voicemail: voicemailOf(provider),
    languages: languages === 'any' ? null : [...languages],
  };
}
