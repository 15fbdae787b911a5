/** What a turn does beyond the golden vectors: limits, lateness, sounds without words, failed transfers, ids. */
import type { JsonObject } from '@dograh-trigger/shared';
import * as fc from 'fast-check';
import { usualLimits } from '../../../../trigger-server/src/conversations/engine/limits';
import {
  ModelFailure,
  type Heard,
  type Message,
  type ModelReply,
} from '../../../../trigger-server/src/conversations/engine/port';
import { newTalk } from '../../../../trigger-server/src/conversations/engine/state';
import { turn } from '../../../../trigger-server/src/conversations/engine/turn';
import {
  atBudget,
  called,
  greeted,
  phrases,
  playTurn,
  said,
  scriptOf,
  type Played,
} from '../../../support/talks';

function scriptWith(limits: Partial<typeof usualLimits>) {
  return scriptOf({ limits: { ...usualLimits, ...limits } });
}

it('does not change the state that it was given, so that the turn can be computed again', async () => {
  const state = await greeted();
  const before = structuredClone(state);
  await playTurn(scriptOf(), state, said('Yes'), [called('right_person_'), { text: 'Your budget?' }]);
  expect(state).toEqual(before);
});

it('hangs up when it is asked after its end, without the model', async () => {
  const { state } = await playTurn(scriptOf(), await atBudget(), { kind: 'hung_up' });
  const again = await playTurn(scriptOf(), state, said('Hello?'));
  expect([again.then, again.disposition, again.requests, again.events]).toEqual([
    'hang_up',
    'user_hangup',
    [],
    [],
  ]);
});

describe('limits', () => {
  it('a history of too many characters ends the conversation in order', async () => {
    const script = scriptWith({ stateCharacters: 1000 });
    const state = await greeted(script);
    const first = await playTurn(script, state, said('x'.repeat(2000)), [{ text: 'unused' }]);
    expect([first.say, first.then, first.requests]).toEqual([[phrases.closing], 'hang_up', []]);
  });

  it('ends the call in order after its last turn', async () => {
    const script = scriptWith({ turns: 2 });
    const first = await playTurn(script, await greeted(), said('One'), [{ text: 'Two?' }]);
    const last = await playTurn(script, first.state, said('Three'), [{ text: 'Four?' }]);
    expect([last.say, last.then, last.disposition]).toEqual([
      [phrases.closing],
      'hang_up',
      'call_duration_exceeded',
    ]);
    expect(last.requests).toEqual([]);
  });

  it('ends the call in order when its tokens are used up', async () => {
    const script = scriptWith({ tokens: 110 });
    const first = await playTurn(script, await greeted(), said('One'), [{ text: 'Two?' }]);
    const last = await playTurn(script, first.state, said('Three'), [{ text: 'Four?' }]);
    expect([first.then, last.disposition, last.requests.length]).toEqual([
      'listen',
      'call_duration_exceeded',
      0,
    ]);
  });

  it('asks the model at most five times a turn, and apologises then', async () => {
    const played = await playTurn(
      scriptOf(),
      await atBudget(),
      said('x'),
      Array.from({ length: 9 }, () => called('look_up_plan')),
    );
    expect(played.requests).toHaveLength(5);
    expect(played.say.at(-1)).toBe(phrases.apology);
    expect(played.then).toBe('listen');
  });

  it('carries out at most eight calls a turn, each with its own key', async () => {
    const calls = Array.from({ length: 30 }, (_, index) => ({
      id: `c${String(index)}`,
      name: 'look_up_plan',
      arguments: {},
    }));
    const played = await playTurn(scriptOf(), await atBudget(), said('x'), [{ calls }, { text: 'Done.' }]);
    expect(new Set(played.toolCalls).size).toBe(8);
    expect(played.toolCalls).toHaveLength(8);
    expect(played.say.at(-1)).toBe('Done.');
  });

  it('cuts a long reply at the end of a sentence, and remembers what was said', async () => {
    const text = 'This is a sentence. '.repeat(100);
    const { say, state } = await playTurn(scriptOf(), await atBudget(), said('x'), [{ text }]);
    expect(say[0]?.length).toBeLessThanOrEqual(600);
    expect(say[0]?.endsWith('sentence.')).toBe(true);
    expect(state.messages.at(-1)?.content).toBe(say[0]);
  });

  it('cuts what is heard', async () => {
    const { state } = await playTurn(scriptOf(), await atBudget(), said('a'.repeat(5000)), [{ text: 'Ok.' }]);
    expect(state.messages.at(-2)?.content).toHaveLength(2000);
  });
});

it('says nothing that a voice cannot speak', async () => {
  const text = '**Great**, see [our site](https://example.com) `now`\u0000.';
  const { say } = await playTurn(scriptOf(), await atBudget(), said('x'), [{ text }]);
  expect(say).toEqual(['Great, see our site now.']);
});

describe('first words that are late', () => {
  /** A model whose request waits for `late`, which the server calls when the first words are late. */
  async function playLate(replies: Played[]) {
    const waits: (() => void)[] = [];
    const played = replies.values();
    const result = await turn(scriptOf(), await atBudget(), said('x'), {
      model: {
        reply(_request, onText): Promise<ModelReply> {
          waits.at(-1)?.();
          const next = played.next().value;
          if (next === undefined || next instanceof Error)
            return Promise.reject(next ?? new Error('nothing'));
          onText?.(next.text ?? '');
          waits.at(-1)?.();
          return Promise.resolve({
            text: next.text ?? '',
            calls: next.calls ?? [],
            usage: { promptTokens: 1, completionTokens: 1, cachedTokens: null },
            model: 'late',
            firstWordsMilliseconds: 1,
          });
        },
      },
      tools: { run: () => Promise.resolve({}) },
      newId: () => 'id',
      whenLate(callback) {
        waits.push(callback);
        return () => waits.splice(waits.indexOf(callback), 1);
      },
    });
    return { ...result, waits };
  }

  it('are announced once in a turn, and the announcement is no part of the history', async () => {
    const { say, state, waits } = await playLate([called('look_up_plan'), { text: 'Here it is.' }]);
    expect(say).toEqual([phrases.filler, 'One moment.', 'Here it is.']);
    expect(JSON.stringify(state.messages)).not.toContain(phrases.filler);
    expect(waits).toEqual([]);
  });

  it('that never come are followed by an apology', async () => {
    const { say } = await playLate([new ModelFailure('no words in time', 'stalled')]);
    expect(say).toEqual([phrases.filler, phrases.apology]);
  });
});

it('takes sounds without words for nothing twice, and for silence the third time', async () => {
  const first = await playTurn(scriptOf(), await atBudget(), said(' ... '));
  const second = await playTurn(scriptOf(), first.state, { kind: 'said', text: 'hm', confidence: 0.1 });
  const third = await playTurn(scriptOf(), second.state, said('?!'), [{ text: 'Are you there?' }]);
  expect([first.say, second.say, third.say]).toEqual([[], [], ['Are you there?']]);
  expect([first.then, second.then, third.then]).toEqual(['listen', 'listen', 'listen']);
  expect([first.requests.length, second.requests.length]).toEqual([0, 0]);
});

describe('a transfer', () => {
  const script = scriptOf({ context: { user: { name: 'Ada' }, sales: '+15550199' } });

  it('that failed is told to the model, which goes on', async () => {
    const pending = await playTurn(script, await atBudget(script), said('human'), [called('to_a_human')]);
    const after = await playTurn(script, pending.state, { kind: 'transfer_failed', reason: 'busy' }, [
      { text: 'Nobody is free.' },
    ]);
    expect(after.requests[0]?.messages.at(-1)).toMatchObject({
      content: expect.stringContaining('"reason":"busy"') as string,
    });
    expect([after.say, after.then]).toEqual([['Nobody is free.'], 'listen']);
  });

  it('that the carrier cannot make is refused at once, and its message is not said', async () => {
    const tools = script.tools.map((tool) => ({ ...tool, message: 'I connect you.' }));
    const unable = { ...script, tools, canTransfer: false };
    const played = await playTurn(unable, await atBudget(unable), said('human'), [
      called('to_a_human'),
      called('to_a_human'),
      { text: 'Nobody is here.' },
    ]);
    expect([played.say, played.then]).toEqual([['Nobody is here.'], 'listen']);
    expect(played.requests[2]?.messages.at(-1)).toMatchObject({
      content: expect.stringContaining('provider_does_not_support_transfer') as string,
    });
  });

  it('that succeeded ends the conversation, with the masked number', async () => {
    const pending = await playTurn(script, await atBudget(script), said('human'), [called('to_a_human')]);
    const after = await playTurn(script, pending.state, { kind: 'transferred', to: '+****0199' });
    expect([after.say, after.then, after.disposition]).toEqual([[], 'hang_up', 'transfer_call']);
    expect(after.state.gathered).toMatchObject({ transfer_status: 'transferred', transfer_to: '+****0199' });
  });

  it('for which the callee did not wait is no disposition, and its outcome is unknown', async () => {
    const pending = await playTurn(script, await atBudget(script), said('human'), [called('to_a_human')]);
    const after = await playTurn(script, pending.state, { kind: 'hung_up' });
    expect(after.disposition).toBe('user_hangup');
    expect(after.state.gathered).toMatchObject({ transfer_status: 'unknown' });
  });

  it('that nobody has asked for changes nothing', async () => {
    const state = await atBudget(script);
    const after = await playTurn(script, state, { kind: 'transferred', to: '+****0199' });
    expect([after.state, after.then]).toEqual([state, 'listen']);
  });
});

it('gives every call of the history its own id, whatever the endpoint sends', async () => {
  const script = scriptOf();
  const first = await playTurn(script, await atBudget(), said('x'), [
    called('look_up_plan', {}, ''),
    { text: 'One.' },
  ]);
  const second = await playTurn(script, first.state, said('x'), [
    called('look_up_plan', {}, 'c1'),
    { text: 'Two.' },
  ]);
  expectWholeHistory(second.state.messages);
});

/** Every call has one result, right after it, and every result has a call. */
function expectWholeHistory(messages: readonly Message[]) {
  const open: string[] = [];
  const seen = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') expect(open.shift()).toBe(message.callId);
    else expect(open).toEqual([]);
    if (message.role !== 'assistant') continue;
    for (const { id } of message.calls ?? []) {
      expect(seen.has(id)).toBe(false);
      seen.add(id);
      open.push(id);
    }
  }
  expect(open).toEqual([]);
}

describe('whatever the model does', () => {
  const functionName = fc.constantFrom(
    ...[
      'right_person_',
      'wrong_number__2nd_',
      'budget_known',
      'look_up_plan',
      'hang_up',
      'to_a_human',
      'nope',
    ],
  );
  const call = fc.record({
    id: fc.constantFrom('', 'c1', 'c2'),
    name: functionName,
    arguments: fc.constantFrom<(JsonObject | null)[]>(null, {}, { reason: 'x' }),
  });
  const reply: fc.Arbitrary<Played> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ text: fc.constantFrom('', 'Yes.'), calls: fc.array(call, { maxLength: 12 }) }),
    },
    { weight: 1, arbitrary: fc.constant(new ModelFailure('cut', 'cut_off')) },
  );
  const heard: fc.Arbitrary<Heard> = fc.oneof(
    fc.constant<Heard>(said('Hello')),
    fc.constant<Heard>({ kind: 'silence' }),
    fc.constant<Heard>({ kind: 'interrupted', spoken: '' }),
    fc.constant<Heard>({ kind: 'transfer_failed', reason: 'busy' }),
  );

  it('every call gets its result, every request begins with no result, and a turn ends within its limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(heard, { maxLength: 12 }),
        fc.array(reply, { maxLength: 60 }),
        async (turns, replies) => {
          const script = scriptOf({ context: { user: { name: 'Ada' }, sales: '+15550199' } });
          let { state } = await playTurn(script, newTalk(), { kind: 'opening' });
          for (const next of turns) {
            const played = await playTurn(script, state, next, replies.splice(0, 5));
            expect(played.requests.length).toBeLessThanOrEqual(5);
            expect(played.toolCalls.length).toBeLessThanOrEqual(8);
            expect(new Set(played.toolCalls).size).toBe(played.toolCalls.length);
            for (const { messages } of played.requests) {
              expect(messages[0]?.role).not.toBe('tool');
              expectWholeHistory(messages);
            }
            state = played.state;
            expectWholeHistory(state.messages);
            expect(state.ended === null).toBe(played.disposition === null);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
