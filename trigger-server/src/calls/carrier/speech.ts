/** The language and the voice of a call: those of its request, otherwise those of its agent. */
import {
  languageTag,
  voiceName,
  type AgentConfigurations,
  type ProblemCode,
  type TriggerRequest,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import type { TelephonyProvider } from '../../carriers/port/provider';
import { findLanguage, type RequestedSpeech } from '../../carriers/port/speech';
import { validate } from '../../http/validation';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { CarrierTools } from '../../carriers/port/tools';

const fields = z.object({ language: languageTag.nullish(), voice: voiceName.nullish() });

/**
 * Reads the fields of a trigger request. Both are null while the extension is off, as on plain Dograh.
 * @throws Problem unprocessable
 */
export function readSpeech(
  { config }: Pick<Services, 'config'>,
  { language, voice }: Pick<TriggerRequest, 'language' | 'voice'>,
): RequestedSpeech {
  if (!config.extensions.has('voice')) return { language: null, voice: null };
  const read = validate(fields, { language, voice }, 'body');
  return { language: read.language ?? null, voice: read.voice ?? null };
}

/** An agent's voice is for the agent's language, so a call in another language does not use it. */
export function speechOf(call: RequestedSpeech, agent: AgentConfigurations): RequestedSpeech {
  const isAgentsLanguage =
    call.language === null || call.language.toLowerCase() === agent.language?.toLowerCase();
  return {
    language: call.language ?? agent.language ?? null,
    voice: call.voice ?? (isAgentsLanguage ? (agent.voice ?? null) : null),
  };
}

/** The refusal of a language or a voice that this provider does not have; null when it has both. */
export function speechRefusal(
  provider: TelephonyProvider,
  tools: Pick<CarrierTools, 'ttsCommand'>,
  { language, voice }: RequestedSpeech,
): Problem | null {
  if (language === null && voice === null) return null;
  const { languages, isVoice, advice } = provider.speech(tools);
  const refusal = (code: ProblemCode, ...sentences: string[]) =>
    new Problem(
      'not_implemented',
      [...sentences, 'Nobody was called.', ...(advice === undefined ? [] : [advice])].join(' '),
      { code },
    );
  if (language !== null && languages !== 'any' && findLanguage(languages, language) === undefined) {
    return refusal(
      'language_not_supported',
      `${provider.displayName} cannot speak the language ${language}.`,
      ...(languages.length === 0 ? [] : [`It speaks: ${languages.join(', ')}.`]),
    );
  }
  if (voice !== null && !isVoice(voice)) {
    return refusal('voice_not_supported', `${provider.displayName} has no voice ${voice}.`);
  }
  return null;
}
