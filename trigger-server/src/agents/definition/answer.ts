/** Which answer the calls of a version get, and why. */
import type { AgentConfigurations, DefinitionReport } from '@dograh-trigger/shared';
import type { DefinitionRow } from '../store';

type Told = Required<Pick<DefinitionReport, 'answer' | 'answer_reason'>>;

/** @param hasModel whether the organization has a language model. */
export function answerOf(
  { status, had_model: hadModel }: Pick<DefinitionRow, 'status' | 'had_model'>,
  { answer }: AgentConfigurations,
  hasModel: boolean,
): Told {
  if (answer !== undefined) {
    return {
      answer: typeof answer === 'string' ? answer : answer.mode,
      answer_reason: 'The agent names this answer.',
    };
  }
  if (!hasModel) {
    return {
      answer: 'announce',
      answer_reason: 'The agent names no answer, and no language model is configured.',
    };
  }
  if (status === 'draft' || hadModel === 1) {
    return {
      answer: 'converse',
      answer_reason:
        'The agent names no answer, and a language model is configured: its calls talk through a carrier that can, and are announced through any other.',
    };
  }
  return {
    answer: 'announce',
    answer_reason:
      'The agent names no answer, and this version was published before a language model was configured: publish it again, and its calls talk.',
  };
}
