/** The golden vectors of a turn, by their names: R come from Dograh's own code, V from its rules as we read them. */
import type { JsonObject } from '@dograh-trigger/shared';
import { transitionFunctionName } from '../../../../trigger-server/src/agents/definition/function-names';
import { offersOf } from '../../../../trigger-server/src/conversations/engine/functions';
import { findNode } from '../../../../trigger-server/src/conversations/engine/nodes';
import {
  ModelFailure,
  type Message,
  type ModelRequest,
} from '../../../../trigger-server/src/conversations/engine/port';
import { systemPrompt } from '../../../../trigger-server/src/conversations/engine/prompt';
import type { Script, TurnResult } from '../../../../trigger-server/src/conversations/engine/script';
import { newTalk } from '../../../../trigger-server/src/conversations/engine/state';
import {
  atBudget,
  budgetAgent,
  called,
  goldPlan,
  greeted,
  phrases,
  playTurn,
  said,
  scriptOf,
} from '../../../support/talks';

const opening = { kind: 'opening' } as const;
const silence = { kind: 'silence' } as const;

function nodeOf(script: Script, id: string) {
  const node = findNode(script.definition, id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}

function namesOf(request: ModelRequest | undefined): string[] {
  return (request?.functions ?? []).map(({ name }) => name);
}

function rolesOf(messages: readonly Message[]): string {
  return messages
    .map((message) => ('calls' in message && message.calls ? `${message.role}+calls` : message.role))
    .join(' ');
}

function typesOf({ events }: TurnResult): string[] {
  return events.map(({ type }) => type);
}

function lastResult(messages: readonly Message[]): unknown {
  const last = messages.findLast(({ role }) => role === 'tool');
  return JSON.parse(last?.content ?? 'null');
}

function extractedNodes({ extractions }: TurnResult): string[] {
  return extractions.map(({ nodeId }) => nodeId);
}

const withoutGreeting = scriptOf({
  definition: {
    ...budgetAgent,
    nodes: budgetAgent.nodes.map((node) =>
      node.id === '1' ? { ...node, data: { ...node.data, greeting: '' } } : node,
    ),
  },
  context: {},
});

describe('names, prompts and functions', () => {
  it.each([
    ['Next Step', 'next_step'],
    ['Yes!', 'yes_'],
    ['Ja, gerne', 'ja__gerne'],
    ['¿Sí?', '_s__'],
    ['移動', '__'],
    ['a--b', 'a__b'],
    ['Move to "Budget" (v2)', 'move_to__budget___v2_'],
    ['Ünïcode', '_n_code'],
    ['İstanbul', 'i_stanbul'],
    ['2nd call', '2nd_call'],
  ])('R1: the transition %s is the function %s', (label, name) => {
    expect(transitionFunctionName(label)).toBe(name);
  });

  it('R3: joins the global prompt and the prompt of the node, and leaves the global one out where the node says so', () => {
    const script = scriptOf();
    expect(systemPrompt(script, nodeOf(script, '1'))).toBe(
      'You are Mia of Acme.\n\nConfirm you speak with Ada.',
    );
    expect(systemPrompt(script, nodeOf(script, '2'))).toBe('You are Mia of Acme.\n\nAsk for the budget.');
    expect(systemPrompt(script, nodeOf(script, '3'))).toBe('Say goodbye.');
  });

  it('R4: says nothing in place of a missing variable, its name in place of an empty fallback, and knows nothing that was gathered', () => {
    const script = scriptOf({ context: {} });
    expect(systemPrompt(script, nodeOf(script, '1'))).toBe(
      'You are Mia of Acme.\n\nConfirm you speak with .',
    );
    const prompt = '{{user.zip|fallback}}/{{gathered_context.x}}';
    const end = nodeOf(script, '3');
    expect(systemPrompt(script, { ...end, data: { ...end.data, prompt } })).toBe('User.Zip/');
  });

  it('R5: offers the transitions of a node, and nothing in an end node', () => {
    const script = scriptOf();
    const parameters = { type: 'object', properties: {}, required: [] };
    expect(offersOf(script, nodeOf(script, '1')).map((offer) => offer.function)).toEqual([
      { name: 'right_person_', description: 'The callee confirms to be the right person.', parameters },
      { name: 'wrong_number__2nd_', description: 'Wrong number.', parameters },
    ]);
    expect(offersOf(script, nodeOf(script, '3'))).toEqual([]);
  });
});

describe('the opening', () => {
  it('V1: says the greeting without the model', async () => {
    const played = await playTurn(scriptOf(), newTalk(), opening);
    expect(played.say).toEqual(['Hi Ada, this is Mia.']);
    expect(played.requests).toEqual([]);
    expect(rolesOf(played.state.messages)).toBe('assistant');
    expect(played.state.gathered.nodes_visited).toEqual(['Greeting']);
  });

  it('V2: says the greeting of the request instead, with its variables', async () => {
    const context = {
      user: { name: 'Ada' },
      greeting_override: { type: 'text', text: 'Hello {{user.name}}!' },
    };
    expect((await playTurn(scriptOf({ context }), newTalk(), opening)).say).toEqual(['Hello Ada!']);
  });

  it('V3: without a greeting the model speaks first', async () => {
    const played = await playTurn(withoutGreeting, newTalk(), opening, [{ text: 'Hello?' }]);
    expect(played.say).toEqual(['Hello?']);
    expect(played.requests).toHaveLength(1);
    expect(played.requests[0]?.messages).toEqual([]);
    expect(namesOf(played.requests[0])).toEqual(['right_person_', 'wrong_number__2nd_']);
  });
});

describe('transitions', () => {
  it('V4: takes the transition, and asks the model again with the prompt and the functions of the new node', async () => {
    const played = await playTurn(scriptOf(), await greeted(), said('Yes, speaking.'), [
      called('right_person_'),
      { text: 'What is your budget?' },
    ]);
    const [, second] = played.requests;
    expect(played.requests).toHaveLength(2);
    expect(second?.system).toBe('You are Mia of Acme.\n\nAsk for the budget.');
    expect(namesOf(second)).toEqual(['look_up_plan', 'hang_up', 'to_a_human', 'budget_known']);
    expect(second?.messages).toEqual([
      { role: 'assistant', content: 'Hi Ada, this is Mia.' },
      { role: 'user', content: 'Yes, speaking.' },
      { role: 'assistant', content: null, calls: [{ id: 'c1', name: 'right_person_', arguments: {} }] },
      { role: 'tool', callId: 'c1', content: '{"status":"done"}' },
    ]);
    expect(played.say).toEqual(['What is your budget?']);
  });

  it('V5: says the text beside a call before what comes after it', async () => {
    const played = await playTurn(scriptOf(), await greeted(), said('Yes'), [
      { text: 'Great, thank you.', calls: [{ id: 'c1', name: 'right_person_', arguments: {} }] },
      { text: 'What is your budget?' },
    ]);
    expect(played.say).toEqual(['Great, thank you.', 'What is your budget?']);
    expect(rolesOf(played.state.messages)).toBe('assistant user assistant+calls tool assistant');
    expect(played.state.messages[2]?.content).toBe('Great, thank you.');
  });

  it('V6: of two transitions in one reply the first one wins', async () => {
    const played = await playTurn(scriptOf(), await greeted(), said('Hm'), [
      {
        calls: [
          { id: 'a', name: 'right_person_', arguments: {} },
          { id: 'b', name: 'wrong_number__2nd_', arguments: {} },
        ],
      },
      { text: 'What is your budget?' },
    ]);
    expect(played.state.nodeId).toBe('2');
    expect(lastResult(played.state.messages)).toEqual({ status: 'skipped' });
    expect(played.say).toEqual(['What is your budget?']);
  });

  it('V7: says the speech of the transition, and hangs up after the words of the end node', async () => {
    const played = await playTurn(scriptOf(), await greeted(), said('Wrong number'), [
      called('wrong_number__2nd_'),
      { text: 'Goodbye!' },
    ]);
    expect(played.say).toEqual(['Sorry about that, Ada.', 'Goodbye!']);
    expect([played.then, played.disposition]).toEqual(['hang_up', 'user_qualified']);
    expect(namesOf(played.requests[1])).toEqual([]);
    expect(JSON.stringify(played.requests[1]?.messages)).not.toContain('Sorry about that');
    expect(played.state.gathered.nodes_visited).toEqual(['Greeting', 'Goodbye']);
  });

  it('V20: says a fixed goodbye when the model fails in the end node', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('500'), [
      called('budget_known'),
      new ModelFailure('no answer in time', 'stalled'),
    ]);
    expect(played.say).toEqual([phrases.goodbye]);
    expect([played.then, played.disposition]).toEqual(['hang_up', 'user_qualified']);
    expect(extractedNodes(played)).toEqual(['2']);
  });
});

describe('tools', () => {
  it('V8: says the message of the tool, shows its result to the model, and says what that makes of it', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('My plan?'), [
      called('look_up_plan', { phone: '+15550100' }),
      { text: 'You have gold.' },
    ]);
    expect(played.say).toEqual(['One moment.', 'You have gold.']);
    expect(lastResult(played.state.messages)).toEqual(goldPlan);
    expect(typesOf(played)).toEqual([
      'rtf-user-transcription',
      'rtf-ttfb-metric',
      'rtf-function-call-start',
      'rtf-bot-text',
      'rtf-function-call-end',
      'rtf-ttfb-metric',
      'rtf-bot-text',
    ]);
  });

  it('V9: shows the error of a tool to the model, which goes on', async () => {
    const late: JsonObject = { status: 'error', error: 'Request timed out after 5 seconds' };
    const played = await playTurn(
      scriptOf(),
      await atBudget(),
      said('My plan?'),
      [called('look_up_plan', { phone: '+15550100' }), { text: 'I cannot see it now.' }],
      late,
    );
    expect(lastResult(played.state.messages)).toEqual(late);
    expect(played.say).toEqual(['One moment.', 'I cannot see it now.']);
  });

  it('V10: answers an unknown function with an error, and asks again', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('x'), [
      called('nope'),
      { text: 'Sorry.' },
    ]);
    expect(lastResult(played.state.messages)).toMatchObject({ status: 'error' });
    expect([played.requests.length, played.state.nodeId, played.say]).toEqual([2, '2', ['Sorry.']]);
  });

  it('V15: ends the call with the reason that the model gives', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('bye'), [
      called('hang_up', { reason: 'not_interested' }),
    ]);
    expect(played.say).toEqual(['Bye Ada.']);
    expect(played.requests).toHaveLength(1);
    expect([played.then, played.disposition]).toEqual(['hang_up', 'not_interested']);
    expect(played.state.gathered.call_tags).toEqual(['end_call_tool', 'not_interested']);
    expect(extractedNodes(played)).toEqual(['2']);
  });

  it('V16: tells the model that a transfer without a number is not possible', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('human'), [
      called('to_a_human'),
      { text: 'I cannot transfer.' },
    ]);
    expect(lastResult(played.state.messages)).toMatchObject({
      status: 'transfer_failed',
      reason: 'no_destination',
    });
    expect([played.say, played.then]).toEqual([['I cannot transfer.'], 'listen']);
  });

  it('V17: transfers to the number, without another request', async () => {
    const script = scriptOf({ context: { user: { name: 'Ada' }, sales: '+15550199' } });
    const played = await playTurn(script, await atBudget(script), said('human'), [called('to_a_human')]);
    expect(played.then).toEqual({ transferTo: '+15550199', timeoutSeconds: 30 });
    expect(played.requests).toHaveLength(1);
    expect(lastResult(played.state.messages)).toEqual({ status: 'pending' });
  });

  it('V21: answers arguments that are no JSON with an error, and asks again', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('x'), [
      called('look_up_plan', null),
      { text: 'Again?' },
    ]);
    expect(lastResult(played.state.messages)).toMatchObject({ status: 'error' });
    expect([played.requests.length, played.say, played.toolCalls]).toEqual([2, ['Again?'], []]);
  });
});

describe('silence, interruption and hang-up', () => {
  it('V11: asks after the first silence, and ends the call after the second one', async () => {
    const first = await playTurn(scriptOf(), await atBudget(), silence, [{ text: 'Are you there?' }]);
    expect([first.say, first.then]).toEqual([['Are you there?'], 'listen']);
    expect(first.requests[0]?.messages.at(-1)?.role).toBe('user');
    const second = await playTurn(scriptOf(), first.state, silence, [{ text: 'Good day!' }]);
    expect(namesOf(second.requests[0])).toEqual([]);
    expect([second.say, second.then]).toEqual([['Good day!'], 'hang_up']);
    expect(second.disposition).toBe('user_idle_max_duration_exceeded');
    expect(extractedNodes(second)).toEqual(['2']);
  });

  it('V12: a word between two silences makes the next one a first one', async () => {
    const first = await playTurn(scriptOf(), await atBudget(), silence, [{ text: 'There?' }]);
    const word = await playTurn(scriptOf(), first.state, said('Yes'), [{ text: 'Fine.' }]);
    expect((await playTurn(scriptOf(), word.state, silence, [{ text: 'There?' }])).then).toBe('listen');
  });

  it('V18: keeps only what was heard of a speech that was interrupted', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), { kind: 'interrupted', spoken: 'What is' });
    expect(played.state.messages.at(-1)).toEqual({ role: 'assistant', content: 'What is' });
    expect(played.then).toBe('listen');
  });

  it('V19: a hang-up is the disposition, a tag, and the end of the step', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), { kind: 'hung_up' });
    expect(played.disposition).toBe('user_hangup');
    expect(played.state.gathered.call_tags).toEqual(['user_hangup']);
    expect(extractedNodes(played)).toEqual(['2']);
  });
});

describe('a model that fails', () => {
  it('V13: apologises twice, and ends the call after the third turn in a row', async () => {
    const error = new ModelFailure('503', 'busy');
    const first = await playTurn(scriptOf(), await atBudget(), said('one'), [error]);
    const second = await playTurn(scriptOf(), first.state, said('two'), [error]);
    const third = await playTurn(scriptOf(), second.state, said('three'), [error]);
    expect([first.say, second.say, third.say]).toEqual([
      [phrases.apology],
      [phrases.apology],
      [phrases.closing],
    ]);
    expect([first.then, second.then, third.then]).toEqual(['listen', 'listen', 'hang_up']);
    expect(third.disposition).toBe('pipeline_error');
    expect(rolesOf(third.state.messages.slice(-3))).toBe('user user user');
    expect(typesOf(third)).toContain('rtf-pipeline-error');
  });

  it('V14: asks once more after an empty reply, and apologises after a second one', async () => {
    const played = await playTurn(scriptOf(), await atBudget(), said('x'), [{}, {}]);
    expect(played.requests).toHaveLength(2);
    expect([played.say, played.then]).toEqual([[phrases.apology], 'listen']);
  });
});
