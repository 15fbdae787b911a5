/** What holds for the answers of an agent that a provider does not support. */
import type { AgentConfigurations, UpdateAgentRequest } from '@dograh-trigger/shared';
import {
  answerModes,
  answerModesOf,
  type AnswerMode,
} from '../../../trigger-server/src/carriers/answer-modes';
import { findProvider } from '../../../trigger-server/src/carriers/registry';
import { publish, saveDraft } from '../../support/agents';
import { calledNumber, type ProviderUnderTest, type Stage } from './stage';

export function unsupportedAnswers(provider: ProviderUnderTest, stage: Stage): void {
  const { trigger, unfinished } = stage;

  const found = findProvider(provider.name);
  const answers = found === undefined ? [] : answerModesOf(found, { sttCommand: [] });
  const beyond = answerModes.filter((mode) => !answers.includes(mode));
  for (const mode of beyond) {
    const answer = answerOf(mode, '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0');
    const usual = usualAnswerOf(provider);
    test(`an agent whose calls want "${mode}" is a 501 that says what to choose: nothing is recorded or dialled, and the key stays free`, async () => {
      const setUp = (configurations: UpdateAgentRequest['workflow_configurations']) =>
        saveDraft(stage.server, stage.account, stage.agent, { workflow_configurations: configurations });
      await setUp({ answer, stream_url: 'wss://agent.example.test/m' });
      await publish(stage.server, stage.account, stage.agent);
      const refused = await trigger('key-1').expect(501);
      expect(refused.body).toMatchObject({
        code: 'answer_not_supported',
        detail: expect.stringContaining(`set the agent's answer to ${answers.join(' or ')}`) as unknown,
      });
      expect(refused.headers).not.toHaveProperty('location');
      expect(await unfinished()).toBe(0);
      expect(stage.vendor.dials).toHaveLength(0);
      await setUp({ answer: usual });
      await publish(stage.server, stage.account, stage.agent);
      await trigger('key-1').expect(200);
      expect(stage.vendor.dials).toHaveLength(1);
    });

    test(`a test call whose draft turns to "${mode}" while it rings is only hung up when it is answered`, async () => {
      await saveDraft(stage.server, stage.account, stage.agent, {
        workflow_configurations: { answer: usual },
      });
      const placed = await stage.server.request
        .post(`/api/v1/public/agent/test/${stage.agent.triggerPath}`)
        .set('X-API-Key', stage.account.apiKey)
        .send({ phone_number: calledNumber, initial_context: { user: { name: 'Jane' } } })
        .expect(200);
      const { workflow_run_id: runId } = placed.body as { workflow_run_id: number };
      const instructions = async () =>
        (await stage.server.services.callReports(provider.name).answeredCall(runId))?.instructions;
      expect(await instructions()).toMatchObject(
        provider.handsOverTo === undefined ? [{ name: 'say' }, { name: 'hang_up' }] : [{ name: 'hand_over' }],
      );
      await saveDraft(stage.server, stage.account, stage.agent, {
        workflow_configurations: { answer, stream_url: 'wss://agent.example.test/m' },
      });
      expect(await instructions()).toEqual([{ name: 'hang_up' }]);
    });
  }
}

type Answer = NonNullable<AgentConfigurations['answer']>;

function answerOf(mode: AnswerMode, agent: string): Answer {
  return mode === 'dograh' ? { mode, agent } : mode;
}

/** What the agents of the suite answer with. */
export function usualAnswerOf({ handsOverTo }: ProviderUnderTest): Answer {
  return handsOverTo === undefined ? 'announce' : answerOf('dograh', handsOverTo);
}
