/** A turn in the making: a copy of the state, and what the turn has yielded by now. */
import type { AgentNode, JsonObject } from '@dograh-trigger/shared';
import { withDisposition } from './endings';
import { isExtracted } from './extraction';
import { findNode, nodeName } from './nodes';
import type { EndReason, Message, ModelReply } from './port';
import { renderSpeech } from './prompt';
import type { ExtractionTask, Ports, Script, TalkEvent, TurnResult } from './script';
import type { TalkState } from './state';
import { StreamedSpeech } from './speech/streamed-speech';

export class Draft {
  readonly say: string[] = [];
  readonly events: TalkEvent[] = [];
  readonly extractions: ExtractionTask[] = [];
  readonly usage: TurnResult['usage'] = [];
  then: TurnResult['then'] = 'listen';
  /** Characters that the model has said in this turn. */
  spokenByModel = 0;
  readonly state: TalkState;

  constructor(
    readonly script: Script,
    state: TalkState,
    readonly ports: Ports,
  ) {
    this.state = structuredClone(state);
  }

  /** @throws Error before the opening, or when the node is no longer in the definition. */
  node(): AgentNode {
    const { nodeId } = this.state;
    const node = nodeId === null ? undefined : findNode(this.script.definition, nodeId);
    if (node === undefined)
      throw new Error('The conversation is at a node that its definition does not have');
    return node;
  }

  log(type: string, payload: JsonObject): void {
    const { nodeId } = this.state;
    const node = nodeId === null ? undefined : findNode(this.script.definition, nodeId);
    const event = { type, payload, nodeId, nodeName: node === undefined ? null : nodeName(node) };
    this.events.push(event);
    this.ports.onEvent?.(event);
  }

  /**
   * Says a text that is no part of the history, unless it is remembered by its caller.
   * @param begun the beginning of it that was said while it came.
   */
  speak(text: string, begun = ''): void {
    if (text.trim() === '') return;
    this.utter(text.slice(begun.length));
    this.say.push(text);
    this.log('rtf-bot-text', { text });
  }

  /** Null where nobody listens to a reply before it is complete. */
  streamedSpeech(): StreamedSpeech | null {
    if (this.ports.say === undefined) return null;
    const most = this.script.limits.saidCharacters - this.spokenByModel;
    return new StreamedSpeech(most, (piece) => {
      this.utter(piece);
    });
  }

  private utter(piece: string): void {
    if (piece === '' || this.ports.say === undefined) return;
    const isInterruptible = this.state.nodeId !== null && this.node().data.allow_interrupt === true;
    this.ports.say(piece, isInterruptible);
  }

  /** Says a template of the definition. One that cannot be rendered is not said, and the log says so. */
  speakTemplate(template: string): void {
    this.speak(this.rendered(template));
  }

  /** Empty for a template that cannot be rendered. */
  rendered(template: string): string {
    try {
      return renderSpeech(this.script, template);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fail(error.message);
      return '';
    }
  }

  remember(message: Message): void {
    this.state.messages.push(message);
  }

  /** Something went wrong, and the conversation goes on. */
  fail(error: string): void {
    this.log('rtf-pipeline-error', { error, fatal: false, processor: 'LLM' });
  }

  enter(node: AgentNode): void {
    const before = this.state.nodeId === null ? null : this.node();
    this.state.nodeId = node.id;
    const visited = Array.isArray(this.state.gathered.nodes_visited) ? this.state.gathered.nodes_visited : [];
    const name = nodeName(node);
    this.state.gathered.nodes_visited = visited.includes(name) ? visited : [...visited, name];
    this.log('rtf-node-transition', {
      node_id: node.id,
      node_name: name,
      previous_node_id: before?.id ?? null,
      previous_node_name: before === null ? null : nodeName(before),
      allow_interrupt: node.data.allow_interrupt === true,
    });
  }

  /** The variables of the current node are extracted from the history as it is now. */
  extract(): void {
    if (this.state.nodeId === null || !isExtracted(this.node())) return;
    this.extractions.push({ nodeId: this.state.nodeId, messages: this.state.messages.length });
  }

  /** Ends the conversation. */
  finish(reason: EndReason): void {
    if (reason !== 'pipeline_error') this.extract();
    this.state.ended = reason;
    this.state.gathered = withDisposition(this.state.gathered, reason);
    this.then = 'hang_up';
  }

  count({ usage, model, firstWordsMilliseconds }: ModelReply): void {
    this.usage.push({ ...usage, model });
    this.state.tokens += usage.promptTokens + usage.completionTokens;
    this.log('rtf-ttfb-metric', { ttfb_seconds: firstWordsMilliseconds / 1000, processor: 'LLM', model });
  }

  result(): TurnResult {
    const { state, say, then, events, extractions, usage } = this;
    const { call_disposition: disposition } = state.gathered;
    const hasEnded = state.ended !== null && typeof disposition === 'string';
    return { state, say, then, disposition: hasEnded ? disposition : null, events, extractions, usage };
  }
}
