/** A conversation for tests: the agent of the golden vectors, a model that answers what it is told to, and a tool. */
import { randomUUID } from 'node:crypto';
import type { AgentDefinition, JsonObject } from '@dograh-trigger/shared';
import { usualLimits } from '../../trigger-server/src/conversations/engine/limits';
import {
  ModelFailure,
  type FunctionCall,
  type Heard,
  type Model,
  type ModelReply,
  type ModelRequest,
} from '../../trigger-server/src/conversations/engine/port';
import type { Phrases, Script, TurnResult } from '../../trigger-server/src/conversations/engine/script';
import { newTalk, type TalkState } from '../../trigger-server/src/conversations/engine/state';
import type { Tool, ToolRunner } from '../../trigger-server/src/conversations/engine/tools';
import { turn } from '../../trigger-server/src/conversations/engine/turn';

const position = { x: 0, y: 0 };

/** Mia asks for a budget: a Start node, a step with tools and variables, and an end. */
export const budgetAgent: AgentDefinition = {
  nodes: [
    {
      id: 'g',
      type: 'globalNode',
      position,
      data: { name: 'Persona', prompt: 'You are Mia of {{company | Acme}}.' },
    },
    {
      id: '1',
      type: 'startCall',
      position,
      data: {
        name: 'Greeting',
        prompt: 'Confirm you speak with {{initial_context.user.name}}.',
        greeting: 'Hi {{user.name}}, this is Mia.',
      },
    },
    {
      id: '2',
      type: 'agentNode',
      position,
      data: {
        name: 'Budget',
        prompt: 'Ask for the budget.',
        tool_uuids: ['t1', 't2', 't3'],
        extraction_enabled: true,
        extraction_prompt: 'Amounts are in {{currency | EUR}}.',
        extraction_variables: [
          { name: 'budget', type: 'number', prompt: 'Budget in {{currency}}' },
          { name: 'note', type: 'string' },
        ],
      },
    },
    {
      id: '3',
      type: 'endCall',
      position,
      data: { name: 'Goodbye', prompt: 'Say goodbye.', add_global_prompt: false },
    },
  ],
  edges: [
    edge('e1', '1', '2', 'Right person!', 'The callee confirms to be the right person.'),
    edge('e2', '1', '3', 'Wrong-number (2nd)', 'Wrong number.', 'Sorry about that, {{user.name}}.'),
    edge('e3', '2', '3', 'Budget known', 'Budget is known.'),
  ],
};

function edge(
  id: string,
  source: string,
  target: string,
  label: string,
  condition: string,
  transitionSpeech?: string,
) {
  const speech: JsonObject = transitionSpeech === undefined ? {} : { transition_speech: transitionSpeech };
  return { id, source, target, data: { label, condition, ...speech } };
}

const noParameters: JsonObject = { type: 'object', properties: {}, required: [] };

export const budgetTools: readonly Tool[] = [
  {
    kind: 'http_api',
    id: 't1',
    functionName: 'look_up_plan',
    description: 'Finds the plan.',
    parameters: { type: 'object', properties: { phone: { type: 'string' } }, required: ['phone'] },
    message: 'One moment.',
  },
  {
    kind: 'end_call',
    id: 't2',
    functionName: 'hang_up',
    description: 'End.',
    parameters: { type: 'object', properties: { reason: { type: 'string' } }, required: ['reason'] },
    message: 'Bye {{user.name}}.',
    asksReason: true,
  },
  {
    kind: 'transfer_call',
    id: 't3',
    functionName: 'to_a_human',
    description: 'Transfer.',
    parameters: noParameters,
    message: null,
    destination: '{{sales}}',
    timeoutSeconds: 30,
  },
];

export const phrases: Phrases = {
  filler: 'One second.',
  apology: 'Sorry, could you say that again?',
  closing: 'Sorry, something is not working here. Goodbye.',
  goodbye: 'Goodbye.',
};

export function scriptOf(changes: Partial<Script> = {}): Script {
  return {
    definition: budgetAgent,
    tools: budgetTools,
    context: { user: { name: 'Ada' } },
    phrases,
    limits: usualLimits,
    canTransfer: true,
    now: new Date('2026-11-30T12:00:00Z'),
    ...changes,
  };
}

/** A reply of the model, or its failure. */
export type Played = { text?: string; calls?: FunctionCall[] } | Error;

export function called(name: string, args: JsonObject | null = {}, id = 'c1'): Played {
  return { calls: [{ id, name, arguments: args }] };
}

/**
 * A model that plays these replies in order, and then fails. A request for values, which may come at any time, gets the
 * first one that is JSON.
 */
export function playedModel(...replies: Played[]): Model & { requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    requests,
    reply(request, onText): Promise<ModelReply> {
      requests.push(structuredClone(request));
      const next = replies.findIndex((reply) => request.streamed !== isJson(reply));
      const [played] = next === -1 ? [] : replies.splice(next, 1);
      return answered(played, onText);
    },
  };
}

function isJson(reply: Played): boolean {
  return !(reply instanceof Error) && reply.text?.startsWith('{') === true;
}

function answered(
  played: Played = new ModelFailure('there is nothing left to play', 'unreachable'),
  onText?: (text: string) => void,
): Promise<ModelReply> {
  if (played instanceof Error) return Promise.reject(played);
  const { text = '', calls = [] } = played;
  if (text !== '') onText?.(text);
  return Promise.resolve({
    text,
    calls,
    usage: { promptTokens: 100, completionTokens: 10, cachedTokens: null },
    model: 'played',
    firstWordsMilliseconds: 20,
  });
}

/** The answer of the address that `look_up_plan` asks. */
export const goldPlan: JsonObject = { status: 'success', status_code: 200, data: { plan: 'gold' } };

export interface PlayedTurn extends TurnResult {
  requests: ModelRequest[];
  /** The keys of the calls of tools, in order. */
  toolCalls: string[];
}

/** Computes one turn, in which the model plays these replies. */
export async function playTurn(
  script: Script,
  state: TalkState,
  heard: Heard,
  replies: Played[] = [],
  toolResult: JsonObject = goldPlan,
): Promise<PlayedTurn> {
  const model = playedModel(...replies);
  const toolCalls: string[] = [];
  const tools: ToolRunner = {
    run(_tool, _args, _context, callKey) {
      toolCalls.push(callKey);
      return Promise.resolve(toolResult);
    },
  };
  const result = await turn(script, state, heard, { model, tools, newId: randomUUID });
  return { ...result, requests: model.requests, toolCalls };
}

/** The conversation after its greeting. */
export async function greeted(script = scriptOf()): Promise<TalkState> {
  return (await playTurn(script, newTalk(), { kind: 'opening' })).state;
}

/** The conversation at the step `Budget`, which has asked its question. */
export async function atBudget(script = scriptOf()): Promise<TalkState> {
  const replies = [called('right_person_'), { text: 'What is your budget?' }];
  return (await playTurn(script, await greeted(script), said('Yes, speaking.'), replies)).state;
}

export function said(text: string): Heard {
  return { kind: 'said', text };
}
