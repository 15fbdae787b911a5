/**
 * Carries out the functions that the model called in one reply. Each call gets its result, whatever becomes of it: that of a
 * transfer comes later.
 */
import type { AgentEdge, JsonObject } from '@dograh-trigger/shared';
import type { Draft } from './draft';
import { asDisposition, asksForNoCalls, doNotCall, withTags } from './endings';
import type { Offer } from './functions';
import { findNode, textOf } from './nodes';
import type { FunctionCall, Heard } from './port';
import type { EndCallTool, HttpApiTool, TransferCallTool } from './tools';

/** `talk on`: the model is asked again. */
export type AfterCalls = 'talk on' | 'done';

/** The result of a transfer that the carrier has not made yet. */
export const pendingTransfer = { status: 'pending' } as const;

/**
 * The first call that leaves the node wins: another transition, an end and a transfer after it are skipped. Requests to
 * addresses of the tenant run side by side, and are awaited together.
 * @param first the index of the first of these calls within the turn.
 */
export async function carryOut(
  draft: Draft,
  calls: readonly FunctionCall[],
  offers: readonly Offer[],
  first: number,
): Promise<AfterCalls> {
  const batch = new Batch(draft, offers);
  const results = await Promise.all(calls.map((call, index) => batch.carryOut(call, first + index)));
  for (const [index, call] of calls.entries()) {
    draft.remember({ role: 'tool', callId: call.id, content: JSON.stringify(results[index]) });
  }
  if (batch.endsTalk) draft.finish('end_call_tool');
  return batch.endsTalk || draft.then !== 'listen' ? 'done' : 'talk on';
}

class Batch {
  endsTalk = false;
  private hasLeft = false;

  constructor(
    private readonly draft: Draft,
    private readonly offers: readonly Offer[],
  ) {}

  async carryOut(call: FunctionCall, index: number): Promise<JsonObject> {
    const { draft } = this;
    const { id, name } = call;
    draft.log('rtf-function-call-start', {
      function_name: name,
      tool_call_id: id,
      arguments: call.arguments ?? {},
    });
    const outcome = this.begin(call, index);
    const result = outcome instanceof Promise ? await outcome : outcome;
    draft.log('rtf-function-call-end', {
      function_name: name,
      tool_call_id: id,
      result: JSON.stringify(result),
    });
    return result;
  }

  /** Everything but a request is done at once, in the order of the calls. */
  private begin({ name, arguments: args }: FunctionCall, index: number): JsonObject | Promise<JsonObject> {
    const offer = this.offers.find((other) => other.function.name === name);
    if (offer === undefined) return error(`The function ${name} is not available here`);
    if (args === null) return error('The arguments were not a JSON object');
    if ('edge' in offer) return this.transition(offer.edge);
    switch (offer.tool.kind) {
      case 'http_api':
        return this.request(offer.tool, args, index);
      case 'end_call':
        return this.endCall(offer.tool, args);
      case 'transfer_call':
        return this.transfer(offer.tool);
    }
  }

  private transition({ target, data }: AgentEdge): JsonObject {
    const { draft } = this;
    if (this.hasLeft) return { status: 'skipped' };
    const node = findNode(draft.script.definition, target);
    if (node === undefined) return error('This way leads nowhere');
    this.hasLeft = true;
    draft.extract();
    draft.speakTemplate(textOf(data?.transition_speech));
    draft.enter(node);
    return { status: 'done' };
  }

  private endCall({ asksReason, message }: EndCallTool, { reason }: JsonObject): JsonObject {
    const { draft } = this;
    if (this.hasLeft) return { status: 'skipped' };
    this.hasLeft = true;
    this.endsTalk = true;
    if (asksReason) {
      const { gathered } = draft.state;
      const asked = asksForNoCalls(reason) ? doNotCall : asDisposition(reason);
      const disposition = asked ?? 'end_call_tool';
      draft.state.gathered = withTags({ ...gathered, call_disposition: disposition }, 'end_call_tool');
    }
    draft.speakTemplate(message ?? '');
    return { status: 'success', action: 'ending_call' };
  }

  private transfer({ id, destination, message, timeoutSeconds }: TransferCallTool): JsonObject {
    const { draft } = this;
    if (this.hasLeft) return { status: 'skipped' };
    if (!draft.script.canTransfer) {
      return transferFailed('provider_does_not_support_transfer', 'This call cannot be transferred.');
    }
    const transferTo = destination === null ? null : draft.rendered(destination).trim();
    if (transferTo === '')
      return transferFailed('no_destination', 'No number is configured for the transfer.');
    this.hasLeft = true;
    draft.speakTemplate(message ?? '');
    if (transferTo === null) {
      // Its rules may read the values of this step.
      draft.extract();
      draft.then = { transferBy: id, timeoutSeconds };
    } else draft.then = { transferTo, timeoutSeconds };
    return pendingTransfer;
  }

  private request(tool: HttpApiTool, args: JsonObject, index: number): Promise<JsonObject> {
    const { draft } = this;
    const { context: initial } = draft.script;
    const { gathered, turns } = draft.state;
    draft.speakTemplate(tool.message ?? '');
    return draft.ports.tools.run(tool, args, { initial, gathered }, `${String(turns)}-${String(index)}`);
  }
}

export function transferFailed(reason: string, message: string): JsonObject {
  return { status: 'transfer_failed', reason, message };
}

function error(text: string): JsonObject {
  return { status: 'error', error: text };
}

/** The callee talks with the person that it was transferred to, which ends the conversation. */
export function noteTransferred(draft: Draft, to: string): void {
  if (!isPending(draft)) return;
  note(draft, { status: 'transfer_success' }, { transfer_status: 'transferred', transfer_to: to });
  draft.finish('transfer_call');
}

/** @returns false where none was under way: then there is nothing to say. */
export function noteFailedTransfer(
  draft: Draft,
  { reason, to }: Extract<Heard, { kind: 'transfer_failed' }>,
): boolean {
  if (!isPending(draft)) return false;
  note(draft, transferFailed(reason, 'The transfer did not succeed.'), {
    transfer_status: 'failed',
    transfer_reason: reason,
    ...(to === undefined ? {} : { transfer_to: to }),
  });
  return true;
}

/**
 * The call is over, and nothing has said what became of its transfer: most likely the callee did not wait for it, as every
 * carrier says when the two are connected.
 */
export function noteUnknownTransfer(draft: Draft): void {
  if (!isPending(draft)) return;
  draft.state.gathered = { ...draft.state.gathered, transfer_status: 'unknown' };
}

const pending = JSON.stringify(pendingTransfer);

function isPending({ state }: Draft): boolean {
  return state.messages.some(({ role, content }) => role === 'tool' && content === pending);
}

/** The result of the transfer takes the place of the pending one. */
function note(draft: Draft, result: JsonObject, gathered: JsonObject): void {
  const content = JSON.stringify(result);
  draft.state.messages = draft.state.messages.map((message) =>
    message.role === 'tool' && message.content === pending ? { ...message, content } : message,
  );
  draft.state.gathered = { ...draft.state.gathered, ...gathered };
}
