/** Renders the texts of a definition with the initial context. What was gathered is not seen by them, as in Dograh. */
import { renderText, type AgentNode } from '@dograh-trigger/shared';
import { textOf } from './nodes';
import type { Script } from './script';

/**
 * The system prompt in a node: the global node's, unless the node does without it, and its own.
 * @throws RangeError for a prompt with too many places to fill in.
 */
export function systemPrompt(script: Script, node: AgentNode): string {
  const global = script.definition.nodes.find(({ type }) => type === 'globalNode');
  const parts = node.data.add_global_prompt === false ? [node] : [global, node];
  return parts
    .map((part) => (part === undefined ? '' : renderPrompt(script, textOf(part.data.prompt))))
    .filter((text) => text !== '')
    .join('\n\n');
}

/** @param cutAt the longest text. @throws RangeError as {@link systemPrompt}. */
export function renderPrompt(
  { context, now, limits }: Script,
  template: string,
  cutAt = limits.promptCharacters,
): string {
  return renderText(template, context, { now, cutAt });
}

/** A text that is said as it is. @throws RangeError as {@link systemPrompt}. */
export function renderSpeech({ context, now }: Script, template: string): string {
  return renderText(template, context, { now });
}
