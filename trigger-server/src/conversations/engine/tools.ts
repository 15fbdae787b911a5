/** The tools that a node may offer to the model, and who carries them out. */
import type { JsonObject } from '@dograh-trigger/shared';

interface AnyTool {
  /** Its UUID, as nodes refer to it in `tool_uuids`. */
  id: string;
  /** The name by which the model calls it (`toolFunctionName`); never empty. */
  functionName: string;
  description: string;
  /** A JSON Schema of type `object`. */
  parameters: JsonObject;
  /** The text to say with it, a template; null: nothing is said. */
  message: string | null;
}

/** Asks an address of the tenant. What it asks is known to its runner. */
export interface HttpApiTool extends AnyTool {
  kind: 'http_api';
}

/** Ends the call. */
export interface EndCallTool extends AnyTool {
  kind: 'end_call';
  /** Whether the model gives a reason, which becomes the disposition. */
  asksReason: boolean;
}

/** Hands the callee over to a person. */
export interface TransferCallTool extends AnyTool {
  kind: 'transfer_call';
  /** A template of the number; null: it is chosen by what is known of the call, once its values are extracted. */
  destination: string | null;
  timeoutSeconds: number;
}

export type Tool = HttpApiTool | EndCallTool | TransferCallTool;

export interface ToolContext {
  /** The initial context, flat. */
  initial: JsonObject;
  gathered: JsonObject;
}

/** Carries out the tools that reach out of the conversation. One runner serves one run. */
export interface ToolRunner {
  /**
   * @param callKey names this call within its run. It is the same when the turn is computed again, so that its receiver
   * can recognise the repeat.
   * @returns exactly what the model is shown. A failure is a result too: it never throws.
   */
  run(tool: HttpApiTool, args: JsonObject, context: ToolContext, callKey: string): Promise<JsonObject>;
}
