/** The settings of an agent's calls (`workflow_configurations`) as a form. Keys that the form does not have stay. */
import type { AgentConfigurations, JsonObject, JsonValue } from '@dograh-trigger/shared';
import { withKey } from './content';
import { textOf } from './node-form';

type SettingName = Extract<keyof AgentConfigurations, string>;

/** An empty control means the server's default, so the key is removed. */
export function withSetting(settings: JsonObject, name: SettingName, value: JsonValue): JsonObject {
  return withKey(settings, name, value === '' || value === null ? undefined : value);
}

/** How an answered call is held. The agent and the environment are those of a Dograh. */
export interface Answer {
  /** Empty: the server's default. */
  mode: string;
  agent: string;
  environment: string;
}

export function answerOf(settings: JsonObject): Answer {
  const answer = settings['answer'];
  if (typeof answer === 'string') return { mode: answer, agent: '', environment: '' };
  if (!isObject(answer)) return { mode: '', agent: '', environment: '' };
  const { mode, agent, environment } = answer;
  return { mode: textOf(mode), agent: textOf(agent), environment: textOf(environment) };
}

/** Other keys of an answer of the mode dograh stay, such as the telephony configuration there. */
export function withAnswer(settings: JsonObject, { mode, agent, environment }: Answer): JsonObject {
  if (mode !== 'dograh') return withSetting(settings, 'answer', mode);
  const old = settings['answer'];
  const answer = { ...(isObject(old) ? old : {}), mode, agent: agent.trim() };
  return withKey(settings, 'answer', withKey(answer, 'environment', environment || undefined));
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface Voicemail {
  /** Empty: the greeting is spoken to whoever answers, and no machine is detected. */
  action: string;
  message: string;
}

export function voicemailOf(settings: JsonObject): Voicemail {
  const voicemail = settings['voicemail'];
  if (!isObject(voicemail)) return { action: '', message: '' };
  const { action, message } = voicemail;
  return { action: textOf(action), message: textOf(message) };
}

/** Without an action there is no voicemail setting at all; without a message the greeting is left. */
export function withVoicemail(settings: JsonObject, { action, message }: Voicemail): JsonObject {
  if (action === '') return withKey(settings, 'voicemail', undefined);
  const old = settings['voicemail'];
  const kept = isObject(old) ? old : {};
  const text = action === 'leave_message' && message !== '' ? message : undefined;
  return withKey(settings, 'voicemail', withKey({ ...kept, action }, 'message', text));
}
