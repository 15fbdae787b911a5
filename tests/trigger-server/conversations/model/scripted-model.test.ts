/** The script that stands in for a language model: it says so, goes where it is told to, and is never preferred. */
import {
  extractedValues,
  extractionRequest,
} from '../../../../trigger-server/src/conversations/engine/extraction';
import { newTalk, type TalkState } from '../../../../trigger-server/src/conversations/engine/state';
import { turn } from '../../../../trigger-server/src/conversations/engine/turn';
import { modelFor } from '../../../../trigger-server/src/conversations/model/model-for';
import { scriptedModel } from '../../../../trigger-server/src/conversations/model/scripted-model';
import { startModelServer } from '../../../support/model/server';
import { spoken } from '../../../support/model/streams';
import { question } from '../../../support/model/asked';
import { scriptOf } from '../../../support/talks';
import { startTestServer } from '../../../support/test-server';

const { model } = scriptedModel;
const script = scriptOf({ tools: [] });

async function talk(...lines: string[]) {
  let state: TalkState = newTalk();
  let ids = 0;
  const ports = {
    model,
    tools: { run: () => Promise.reject(new Error('there is no tool')) },
    newId: () => String((ids += 1)),
  };
  let last = await turn(script, state, { kind: 'opening' }, ports);
  const said = [...last.say];
  for (const text of lines) {
    state = last.state;
    last = await turn(script, state, { kind: 'said', text }, ports);
    said.push(...last.say);
  }
  return { said, last };
}

test('it says that it is no language model, and what it waits for', async () => {
  const { said } = await talk('Hello?');
  expect(said.at(-1)).toBe(
    'I am the built-in script, not a language model. I heard you. I go on when you say "right person" or "wrong number 2nd".',
  );
});

test('it takes the transition whose label is said, and ends where the agent ends', async () => {
  const { last } = await talk(
    'You have the right person, yes.',
    'My budget is 500. Now the budget is known.',
  );
  expect(last.then).toBe('hang_up');
  expect(last.disposition).toBe('user_qualified');
});

test('it extracts what is said plainly', async () => {
  const { last } = await talk('The right person.', 'It is 500.');
  const task = { nodeId: '2', messages: last.state.messages.length };
  const { text } = await model.reply(extractionRequest(script, task, last.state.messages).request);
  expect(extractedValues(script, task, text)).toEqual({ budget: 500, note: 'It is 500.' });
});

test('a configured model is chosen, and answers', async () => {
  const endpoint = await startModelServer(spoken('Hello.'));
  const server = await startTestServer({ LLM_BASE_URL: endpoint.baseUrl, LLM_MODEL: 'fake-1' });
  const chosen = await modelFor(server.services, 1);
  expect({ ...chosen, text: (await chosen?.model.reply(question()))?.text }).toMatchObject({
    isScripted: false,
    provider: 'compatible',
    name: 'fake-1',
    text: 'Hello.',
  });
  expect(endpoint.requests[0]?.headers.authorization).toBeUndefined();
  await server.close();
  await endpoint.close();
});

test('without a configured model there is none, so that the script may take its place', async () => {
  const server = await startTestServer();
  expect(await modelFor(server.services, 1)).toBeNull();
  await server.close();
});
