/** An agent that chooses a language model is told where its choice is ignored, and where it cannot be used. */
import type { AgentConfigurations } from '@dograh-trigger/shared';
import { definitionWarnings } from '../../../trigger-server/src/agents/definition/warnings';
import { budgetAgent } from '../../support/talks';

const overrides = { model_overrides: { llm: { model: 'm-dear' } } };

function warningsOf(configurations: AgentConfigurations, modelFault: string | null = null) {
  const answer = configurations.answer === 'converse' ? 'converse' : 'announce';
  const known = { templateVariables: {}, tools: new Map(), answer, modelFault };
  return definitionWarnings(budgetAgent, configurations, known);
}

test('a choice that cannot be used is a warning with its reason', () => {
  const warnings = warningsOf({ answer: 'converse', ...overrides }, 'There is no key for it');
  expect(warnings.map(({ message }) => message)).toContain(
    'There is no key for it. Until then its conversations end with an apology.',
  );
});

test('so is the model of the organization that cannot be used, for an agent that chooses none', () => {
  const fault = 'The stored model configuration cannot be read with this SECRETS_KEY.';
  const warnings = warningsOf({ answer: 'converse' }, fault);
  expect(warnings.map(({ message }) => message)).toContain(
    `${fault} Until then its conversations end with an apology.`,
  );
});

test.each<[string, AgentConfigurations, number]>([
  ['an agent that talks and chooses a model', { answer: 'converse', ...overrides }, 1],
  ['an agent that talks with the usual model', { answer: 'converse' }, 0],
  ['an agent that announces', { answer: 'announce', ...overrides }, 0],
])('%s gets %j: %i warning', (_title, configurations, count) => {
  const warnings = warningsOf(configurations);
  expect(warnings.filter(({ message }) => message.includes('The choice is ignored'))).toHaveLength(count);
});
