/** An agent that chooses a language model is told where its choice is ignored. */
import type { AgentConfigurations } from '@dograh-trigger/shared';
import { definitionWarnings } from '../../../trigger-server/src/agents/definition/warnings';
import { budgetAgent } from '../../support/talks';

const overrides = { model_overrides: { llm: { model: 'm-dear' } } };

test.each<[string, AgentConfigurations, number]>([
  ['an agent that talks and chooses a model', { answer: 'converse', ...overrides }, 1],
  ['an agent that talks with the usual model', { answer: 'converse' }, 0],
  ['an agent that announces', { answer: 'announce', ...overrides }, 0],
])('%s gets %j: %i warning', (_title, configurations, count) => {
  const warnings = definitionWarnings(budgetAgent, configurations, {}, new Map());
  expect(warnings.filter(({ message }) => message.includes('The choice is ignored'))).toHaveLength(count);
});
