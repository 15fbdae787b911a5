/**
 * The answer of an agent that names none: it talks where a language model is configured and the carrier can hold a
 * conversation, unless its version was published before there was a model. Otherwise it announces.
 */
import type { AgentConfigurations } from '@dograh-trigger/shared';
import type { RunnableAgent } from '../../agents/resolve-trigger';
import { answerModesOf } from '../../carriers/answer-modes';
import type { TelephonyProvider } from '../../carriers/port/provider';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';

/** @returns the configurations with the answer that a call through this provider gets. */
export async function withDefaultAnswer(
  { config, hasModel }: Pick<Services, 'config' | 'hasModel'>,
  session: Session,
  organizationId: number,
  provider: Pick<TelephonyProvider, 'can' | 'whyNoTalk'> | undefined,
  { configurations, mayTalk }: Pick<RunnableAgent, 'configurations' | 'mayTalk'>,
): Promise<AgentConfigurations> {
  if (configurations.answer !== undefined || !mayTalk || provider === undefined) return configurations;
  if (!answerModesOf(provider, config).includes('converse')) return configurations;
  return (await hasModel(session, organizationId))
    ? { ...configurations, answer: 'converse' }
    : configurations;
}
