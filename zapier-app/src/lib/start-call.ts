/** Starts the call that a step's fields describe, once for all replays of a run. */
import {
  callIdentity,
  fieldText,
  idempotencyKey,
  isTriggerError,
  wireRequest,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { Bundle } from 'zapier-platform-core';
import { agentUuid } from './agents';
import { readCall, type Call, type CallInput } from './call-fields';
import { stepMeta } from './step';

/**
 * @param key of the step.
 * @param callbackUrl hears when the call has ended.
 * @throws TriggerError
 */
export async function startCall(
  client: TriggerClient,
  bundle: Bundle<CallInput>,
  key: string,
  callbackUrl?: string,
) {
  const call = readCall(bundle.inputData);
  const placed = await client.triggerCall({
    ...call,
    idempotencyKey: callKey(call, bundle, key),
    // A replay has no memory: any run may be one.
    earlierTry: 'possible',
    callbackUrl,
  });
  const agent = await nameAgent(client, bundle.inputData.agent);
  const agentId = placed.workflowId ?? agent?.id ?? null;
  return {
    id: placed.runId,
    workflow_run_id: placed.runId,
    workflow_run_name: placed.runName,
    run_url: `${client.baseUrl}/api/v1/workflow/${agentId ?? 0}/runs/${placed.runId}`,
    agent: bundle.inputData.agent,
    agent_id: agentId,
    agent_name: agent?.name ?? null,
    environment: call.environment,
    phone_number: call.phoneNumber,
    status: placed.status,
    replayed: placed.replayed,
  };
}

/**
 * The same for every replay of a run: a server which keeps such keys dials once, and on another one the call is found by
 * it. Made of all that is sent, so that no other call is taken for this one. No time goes in: Zapier replays up to six
 * hours later. In the editor there are no replays, and whoever presses "Test" twice wants two calls: no key.
 */
function callKey(call: Call, bundle: Bundle<CallInput>, key: string): string | undefined {
  const { zap, isLoadingSample } = stepMeta(bundle);
  if (isLoadingSample) return undefined;
  return idempotencyKey([
    'zapier',
    key,
    zap?.id ?? null,
    { ...call.target },
    call.environment,
    callIdentity(wireRequest(call)),
    fieldText(bundle.inputData.call_reference),
  ]);
}

/** What the agent's name may cost, retries included. */
const nameSeconds = 5;

/** After the dial nothing may fail the step or hold it up: an agent whose name cannot be read has none. */
async function nameAgent(client: TriggerClient, value: unknown) {
  const uuid = agentUuid(value);
  if (uuid === undefined) return undefined;
  try {
    return await client.findAgent(uuid, { signal: AbortSignal.timeout(nameSeconds * 1000) });
  } catch (error) {
    if (isTriggerError(error)) return undefined;
    throw error;
  }
}

export const startedCallOutputFields = [
  { key: 'id', label: 'ID', type: 'integer', primary: true },
  { key: 'workflow_run_id', label: 'Run ID', type: 'integer' },
  { key: 'workflow_run_name', label: 'Run Name', type: 'string' },
  { key: 'run_url', label: 'Run URL', type: 'string' },
  { key: 'agent', label: 'Agent', type: 'string' },
  { key: 'agent_id', label: 'Agent ID', type: 'integer' },
  { key: 'agent_name', label: 'Agent Name', type: 'string' },
  { key: 'environment', label: 'Environment', type: 'string' },
  { key: 'phone_number', label: 'Phone Number', type: 'string' },
  { key: 'status', label: 'Status', type: 'string' },
  { key: 'replayed', label: 'Replayed', type: 'boolean' },
] as const;
