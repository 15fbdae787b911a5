/** The settings of an agent's calls (`workflow_configurations`) as a form. Keys that the form does not have stay. */
import type { AgentConfigurations, JsonObject, JsonValue } from '@dograh-trigger/shared';
import { withKey } from './content';

type SettingName = Extract<keyof AgentConfigurations, string>;

/** An empty control means the server's default, so the key is removed. */
export function withSetting(settings: JsonObject, name: SettingName, value: JsonValue): JsonObject {
  return withKey(settings, name, value === '' || value === null ? undefined : value);
}

export interface Voicemail {
  /** Empty: the greeting is spoken to whoever answers, and no machine is detected. */
  action: string;
  message: string;
}

export function voicemailOf(settings: JsonObject): Voicemail {
  const voicemail = settings['voicemail'];
  if (typeof voicemail !== 'object' || voicemail === null || Array.isArray(voicemail))
    return { action: '', message: '' };
  const { action, message } = voicemail;
  return {
    action: typeof action === 'string' ? action : '',
    message: typeof message === 'string' ? message : '',
  };
}

/** Without an action there is no voicemail setting at all; without a message the greeting is left. */
export function withVoicemail(settings: JsonObject, { action, message }: Voicemail): JsonObject {
  if (action === '') return withKey(settings, 'voicemail', undefined);
  const old = settings['voicemail'];
  const kept = typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {};
  const text = action === 'leave_message' && message !== '' ? message : undefined;
  return withKey(settings, 'voicemail', withKey({ ...kept, action }, 'message', text));
}
