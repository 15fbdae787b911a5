/** The settings of an agent's calls (`workflow_configurations`) as a form. Keys that the form does not have stay. */
import type { AgentConfigurations, JsonObject, JsonValue } from '@dograh-trigger/shared';
import { withKey } from './content';
import { textOf } from './node-form';

type SettingName = Extract<keyof AgentConfigurations, string>;

/** An empty control means the server's default, so the key is removed. */
export function withSetting(settings: JsonObject, name: SettingName, value: JsonValue): JsonObject {
  return withKey(settings, name, value === '' || value === null ? undefined : value);
}

/** How an answered call is held. Agent, environment and telephony are those of a Dograh; ids are texts, as a form has them. */
export interface Answer {
  /** Empty: the server's default. */
  mode: string;
  agent: string;
  environment: string;
  /** The carrier account here that leads to the Dograh. Empty: the default or only one. */
  account: string;
  /** The telephony configuration there. Empty: Dograh chooses. */
  telephony: string;
}

const noAnswer: Answer = { mode: '', agent: '', environment: '', account: '', telephony: '' };

export function answerOf(settings: JsonObject): Answer {
  const answer = settings['answer'];
  if (typeof answer === 'string') return { ...noAnswer, mode: answer };
  if (!isObject(answer)) return noAnswer;
  return {
    mode: textOf(answer['mode']),
    agent: textOf(answer['agent']),
    environment: textOf(answer['environment']),
    account: textOf(answer['account_id']),
    telephony: textOf(answer['telephony_configuration_id']),
  };
}

export function withAnswer(settings: JsonObject, answer: Answer): JsonObject {
  if (answer.mode !== 'dograh') return withSetting(settings, 'answer', answer.mode);
  const old = settings['answer'];
  const parts: [string, JsonValue | undefined][] = [
    ['mode', answer.mode],
    ['agent', answer.agent.trim()],
    ['environment', answer.environment || undefined],
    ['account_id', idOf(answer.account)],
    ['telephony_configuration_id', idOf(answer.telephony)],
  ];
  const changed = parts.reduce((kept, [key, value]) => withKey(kept, key, value), isObject(old) ? old : {});
  return withKey(settings, 'answer', changed);
}

function idOf(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
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
