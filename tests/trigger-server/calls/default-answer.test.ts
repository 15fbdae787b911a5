/** The answer of an agent that names none: it talks where a model is configured and the carrier can. */
import type { AgentDefinition, DefinitionReport, JsonObject } from '@dograh-trigger/shared';
import { withDefaultAnswer } from '../../../trigger-server/src/calls/carrier/default-answer';
import { answerModesOf } from '../../../trigger-server/src/carriers/answer-modes';
import { findProvider, providerNames } from '../../../trigger-server/src/carriers/registry';
import { createAgent, createSandbox, publish, saveDraft, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { configureModel, playModel } from '../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
  await createSandbox(server, account);
});
afterEach(() => server.close());

/** A model whose answers are played. */
async function haveModel(): Promise<void> {
  await configureModel(server, account);
  playModel(server, ...Array.from({ length: 9 }, () => ({ text: 'I am the model.' })));
}

async function talks(agent: TestAgent): Promise<boolean> {
  const initial_context: JsonObject = { sandbox_says: ['Hello.'] };
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100', initial_context });
  for (let step = 0; step < 8; step += 1) await server.advance(300);
  const run = await readRun(server, account, runId);
  expect(run.status).toBe('completed');
  return JSON.stringify(run.logs).includes('I am the model.');
}

async function told(agent: TestAgent): Promise<(string | undefined)[]> {
  const reply = await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/validate`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const { answer, answer_reason: reason } = reply.body as DefinitionReport;
  return [answer, reason];
}

test('a version that was published before there was a model announces until it is published again', async () => {
  const agent = await createAgent(server, account);
  expect(await told(agent)).toEqual(['announce', expect.stringContaining('no language model is configured')]);
  await haveModel();
  expect(await talks(agent)).toBe(false);
  expect(await told(agent)).toEqual(['announce', expect.stringContaining('publish it again')]);
  await saveDraft(server, account, agent, { workflow_configurations: { max_call_duration: 60 } });
  expect(await told(agent)).toEqual(['converse', expect.stringContaining('a language model is configured')]);
  await publish(server, account, agent);
  expect(await talks(agent)).toBe(true);
});

test('an agent that is made with a model talks, announces without it, and always where it says so', async () => {
  await haveModel();
  const agent = await createAgent(server, account);
  const silent = await createAgent(server, account, undefined, { answer: 'announce' });
  expect([await talks(agent), await talks(silent)]).toEqual([true, false]);
  expect(await told(silent)).toEqual(['announce', 'The agent names this answer.']);
  await server.request
    .delete('/api/v1/organizations/model-configurations/v2')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(await talks(agent)).toBe(false);
});

test('a conversation that has begun goes on, and ends as one, when the model configuration is deleted', async () => {
  await haveModel();
  const agent = await createAgent(server, account);
  const initial_context: JsonObject = { sandbox_says: ['Hello.'] };
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100', initial_context });
  const run = () => readRun(server, account, runId);
  while (!JSON.stringify((await run()).logs).includes('rtf-bot-text')) await server.advance(300);
  await server.request
    .delete('/api/v1/organizations/model-configurations/v2')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  for (let step = 0; step < 8; step += 1) await server.advance(300);
  const { status, logs, gathered_context } = await run();
  expect(status).toBe('completed');
  expect(JSON.stringify(logs)).toContain('I am the model.');
  expect(gathered_context).toMatchObject({
    call_disposition: 'user_hangup',
    call_tags: ['user_hangup', 'user_speech'],
  });
});

test('it talks through the carriers that can hold a conversation on this server, and is announced through all others', async () => {
  await haveModel();
  const { services } = server;
  const agent = { configurations: {}, mayTalk: true };
  for (const name of providerNames) {
    const provider = findProvider(name);
    const { answer } = await withDefaultAnswer(
      services,
      services.storage.read,
      account.organizationId,
      provider,
      agent,
    );
    const can = provider !== undefined && answerModesOf(provider, services.config).includes('converse');
    expect([name, answer]).toEqual([name, can ? 'converse' : undefined]);
  }
});

test('a conversation is warned of each thing of Dograh that is not done here, and an announcement is not', async () => {
  const agent = await createAgent(server, account);
  const position = { x: 0, y: 0 };
  const workflow_definition: AgentDefinition = {
    nodes: [
      {
        id: 's',
        type: 'startCall',
        position,
        data: {
          ...{
            name: 'Start',
            prompt: 'Hello.',
            greeting: 'Hi.',
            greeting_type: 'audio',
            delayed_start: true,
          },
          ...{ document_uuids: ['d'], mcp_tool_filters: { m: ['t'] } },
        },
      },
      { id: 'e', type: 'endCall', position, data: { name: 'End', prompt: 'Bye.' } },
      { id: 'q', type: 'qa', position, data: { name: 'QA' } },
    ],
    edges: [
      {
        ...{ id: 'x', source: 's', target: 'e' },
        data: { label: 'Go', condition: 'Always.', transition_speech_type: 'audio' },
      },
    ],
  };
  const fields = async (answer: 'converse' | 'announce') => {
    const workflow_configurations = { answer };
    await saveDraft(server, account, agent, { workflow_definition, workflow_configurations });
    const reply = await server.request
      .post(`/api/v1/workflow/${String(agent.id)}/validate`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    const { warnings = [] } = reply.body as DefinitionReport;
    return warnings
      .filter(({ message }) => /\bhere\b/.test(message))
      .map(({ id, field, message }) => field ?? id ?? message.split(' ', 1)[0]);
  };
  expect(await fields('converse')).toEqual([
    'data.greeting_recording_id',
    'data.delayed_start',
    'data.document_uuids',
    'data.mcp_tool_filters',
    'q',
    'data.transition_speech_recording_id',
  ]);
  expect(await fields('announce')).toEqual([]);
});
