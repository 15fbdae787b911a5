/** What an agent says first, rendered with the run's context at the moment of answering. */
import { renderText, type JsonObject } from '@dograh-trigger/shared';
import type { Session } from '../storage/port';
import { loadDefinition } from './resolve-trigger';
import { startGreetingOf } from './definition/spoken-variables';

/** The caller's `greeting_override` wins over the Start node's greeting; null when there is nothing to say. */
export async function greetingFor(
  session: Session,
  definitionId: number,
  context: JsonObject,
  now: Date,
): Promise<string | null> {
  const template = greetingOverride(context) ?? startGreetingOf(await loadDefinition(session, definitionId));
  return template === null ? null : renderText(template, context, { now });
}

/** The text that a caller has said instead of the agent's own greeting. */
export function greetingOverride(context: JsonObject): string | null {
  const override = context.greeting_override;
  if (typeof override !== 'object' || override === null || Array.isArray(override)) return null;
  return override.type === 'text' && typeof override.text === 'string' ? override.text : null;
}
