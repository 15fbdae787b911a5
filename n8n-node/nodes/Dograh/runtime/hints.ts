/** Hints above the output in the editor: results that are easy to overlook in the fields. */
import { isSandboxCall, type ReplacedAccount, type RunSummary } from '@dograh-trigger/shared';
import type { IExecuteFunctions, NodeExecutionHint } from 'n8n-workflow';

/** The fields of a call that hints are made from. */
export interface HintedCall extends Pick<RunSummary, 'mode' | 'fallbackFrom'> {
  runId: number;
  /** Absent until the run was read. */
  unresolvedVariables?: string[] | null;
}

/** n8n 1.85 has no hints in an AI agent's tool. */
type HintedContext = Partial<Pick<IExecuteFunctions, 'addExecutionHints'>>;

/** Maximum number of run ids, accounts or variables in one hint. */
const maximumNamed = 5;

/**
 * Shows hints for all calls of an execution: calls that rang no phone, calls through another carrier account, and
 * variables without a value.
 */
export function showCallHints(context: HintedContext, calls: readonly HintedCall[]): void {
  const simulated = calls.filter((call) => isSandboxCall(call) === true);
  const replaced = calls.flatMap(({ runId, fallbackFrom }) =>
    fallbackFrom ? [{ runId, text: replacedAccountText(fallbackFrom) }] : [],
  );
  const unspoken = calls.flatMap(({ runId, unresolvedVariables }) =>
    (unresolvedVariables ?? []).map((text) => ({ runId, text })),
  );
  const messages = [
    simulated.length > 0 &&
      `No phone rang for ${callsOf(simulated)}: the sandbox only simulates calls. ` +
        'A carrier account that is the default one, or is chosen in the option Telephony Configuration, rings phones.',
    replaced.length > 0 &&
      `The default carrier account was not ready, so another one placed ${callsOf(replaced)}. ${textsOf(replaced)}`,
    unspoken.length > 0 &&
      `Nothing was said in the place of some variables in ${callsOf(unspoken)}: they had no value, and the agent has no fallback for them. ${textsOf(unspoken)}`,
  ];
  showHints(
    context,
    messages.filter((message) => message !== false),
  );
}

/** @param messages HTML. */
export function showHints(context: HintedContext, messages: readonly string[]): void {
  const hints = messages.map((message): NodeExecutionHint => ({
    message,
    type: 'warning',
    location: 'outputPane',
  }));
  if (hints.length > 0) context.addExecutionHints?.(...hints);
}

/** The carrier account that was not ready, and why. */
export function replacedAccountText({ name, reason }: ReplacedAccount): string {
  return `${name}: ${reason}`;
}

function callsOf(calls: readonly { runId: number }[]): string {
  const ids = [...new Set(calls.map(({ runId }) => String(runId)))];
  return ids.length === 1
    ? `the call with run ID ${listed(ids, '')}`
    : `the calls with run IDs ${listed(ids, ', ')}`;
}

function textsOf(calls: readonly { text: string }[]): string {
  return listed([...new Set(calls.map(({ text }) => escapeHtml(text)))], '; ');
}

function listed(texts: readonly string[], separator: string): string {
  const rest = texts.length - maximumNamed;
  const named = texts.slice(0, maximumNamed).join(separator);
  return rest > 0 ? `${named} and ${String(rest)} more` : named;
}

/** n8n shows hints as HTML, and names of accounts and variables may contain any text. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
