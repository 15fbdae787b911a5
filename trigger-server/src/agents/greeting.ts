/** The greeting of a call, and its message for a machine, rendered with the run's context when the call is answered. */
import { renderText, type JsonObject } from '@dograh-trigger/shared';
import type { Session } from '../storage/port';
import { loadDefinition } from './resolve-trigger';
import { startGreetingOf } from './definition/spoken-variables';

/** Renders the caller's `greeting_override`, or else the Start node's greeting; null when there is neither. */
export async function greetingFor(
  session: Session,
  definitionId: number,
  context: JsonObject,
  now: Date,
): Promise<string | null> {
  const template = greetingOverride(context) ?? startGreetingOf(await loadDefinition(session, definitionId));
  return template === null ? null : renderText(template, context, { now });
}

/** Renders the message for a machine. @param template null: the greeting is the message. */
export async function messageFor(
  session: Session,
  definitionId: number,
  template: string | null,
  context: JsonObject,
  now: Date,
): Promise<string | null> {
  if (template === null) return greetingFor(session, definitionId, context, now);
  return renderText(template, context, { now });
}

/** The text that replaces the agent's own greeting for this call; null when there is none. */
export function greetingOverride(context: JsonObject): string | null {
  const override = context.greeting_override;
  if (typeof override !== 'object' || override === null || Array.isArray(override)) return null;
  return override.type === 'text' && typeof override.text === 'string' ? override.text : null;
}

/** Whether the caller’s `greeting_override` is a recording, in Dograh’s form. Only an agent at a Dograh can play it. */
export function isRecordedGreeting({ greeting_override: override }: JsonObject): boolean {
  if (typeof override !== 'object' || override === null || Array.isArray(override)) return false;
  const { type, recording_id: id } = override;
  return type === 'audio' && ((typeof id === 'string' && id !== '') || Number.isSafeInteger(id));
}
