/** What an agent says first, rendered with the run's context at the moment of answering. */
import { renderText, type JsonObject } from '@dograh-trigger/shared';
import type { Session } from '../storage/storage';
import { loadDefinition } from './resolve-trigger';

/** The caller's `greeting_override` wins over the Start node's greeting; null when there is nothing to say. */
export async function greetingFor(
  session: Session,
  definitionId: number,
  context: JsonObject,
  now: Date,
): Promise<string | null> {
  const template = overrideIn(context) ?? (await startGreeting(session, definitionId));
  return template === null ? null : renderText(template, context, { now });
}

/** The caller's `greeting_override`; null when there is none that can be spoken. */
export function overrideIn(context: JsonObject): string | null {
  const override = context.greeting_override;
  if (typeof override !== 'object' || override === null || Array.isArray(override)) return null;
  return override.type === 'text' && typeof override.text === 'string' ? override.text : null;
}

async function startGreeting(session: Session, definitionId: number): Promise<string | null> {
  const definition = await loadDefinition(session, definitionId);
  const greeting = definition.nodes.find((node) => node.type === 'startCall')?.data.greeting;
  return typeof greeting === 'string' && greeting.trim() !== '' ? greeting : null;
}
