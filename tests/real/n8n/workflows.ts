/** Creates workflows like the editor, runs them like its buttons, and reads the results. */
import { until } from '../until';
import type { N8n } from './n8n';
import { isN8n1, isN8nBefore } from './version';

export const dograhNodeType = 'n8n-nodes-dograh.dograh';

export interface TestNode {
  name: string;
  type: string;
  typeVersion?: number;
  parameters?: object;
  credentials?: Record<string, { id: string; name: string }>;
  retryOnFail?: boolean;
  maxTries?: number;
  /** Milliseconds, as n8n counts. */
  waitBetweenTries?: number;
  onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
  webhookId?: string;
  /** Pinned data: the items of a trigger in a manual run. */
  pinned?: object[];
}

/** A connection of two nodes; output 1 is the error branch. */
export type TestConnection = [from: string, to: string, options?: { output?: number; type?: string }];

export interface Item {
  json: Record<string, unknown>;
  binary?: Record<string, { mimeType: string; fileExtension?: string; id?: string }>;
}

export interface Execution {
  id: string;
  status: string;
  /** The error message of the last failed node. */
  error: { message: string; description?: string | null } | null;
  /** The items of a node's last run, by output: 0 is the usual one, 1 the error branch. */
  items(node: string, output?: number): Item[];
  /** How often the node was run in this execution (a loop, an AI agent), retries not counted. */
  runCount(node: string): number;
  /** How long the node's last run took. */
  milliseconds(node: string): number;
}

interface RunData {
  resultData: {
    error?: { message: string; description?: string | null };
    runData: Record<string, { executionTime: number; data?: Record<string, (Item[] | null)[]> }[]>;
  };
}

/** A manual trigger with these items. */
export function startWith(...items: object[]): TestNode {
  return { name: 'Start', type: 'n8n-nodes-base.manualTrigger', pinned: items };
}

/** Creates a workflow and returns its id. @param connections default: a chain in the order of the nodes. */
export async function createWorkflow(
  n8n: N8n,
  nodes: TestNode[],
  connections: TestConnection[] = nodes.slice(1).map((node, index) => [nodes[index]!.name, node.name]),
): Promise<string> {
  const created = (await n8n.rest('POST', '/workflows', workflowOf(nodes, connections))) as { id: string };
  return created.id;
}

function workflowOf(nodes: TestNode[], connections: TestConnection[]): object {
  const outputs: Record<string, Record<string, object[][]>> = {};
  for (const [from, to, { output = 0, type = 'main' } = {}] of connections) {
    const ofType = ((outputs[from] ??= {})[type] ??= []);
    while (ofType.length <= output) ofType.push([]);
    ofType[output]?.push({ node: to, type, index: 0 });
  }
  return {
    name: `Workflow with ${nodes.at(-1)?.name ?? ''}`,
    nodes: nodes.map(({ pinned: _, ...node }, index) => ({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      typeVersion: 1,
      position: [index * 220, 0],
      parameters: {},
      ...node,
    })),
    connections: outputs,
    pinData: Object.fromEntries(
      nodes.flatMap(({ name, pinned }) => (pinned ? [[name, pinned.map((json) => ({ json }))]] : [])),
    ),
    settings: { executionOrder: 'v1' },
    active: false,
  };
}

/** Presses "Execute workflow" and waits for the end. */
export async function runWorkflow(n8n: N8n, workflowId: string): Promise<Execution> {
  return endOf(n8n, await startWorkflow(n8n, workflowId));
}

/** Presses "Execute workflow"; gives the execution's id. @param trigger the node to start from. */
export async function startWorkflow(
  n8n: N8n,
  workflowId: string,
  trigger: { name: string; data?: object } = { name: 'Start' },
): Promise<string> {
  const workflowData = await n8n.rest('GET', `/workflows/${workflowId}`);
  const { executionId } = (await n8n.rest('POST', `/workflows/${workflowId}/run`, {
    workflowData,
    triggerToStartFrom: trigger,
  })) as { executionId: string };
  return executionId;
}

/** Presses "Retry" on a failed execution, with the workflow as it was, and waits for the end of the new one. */
export async function retryExecution(n8n: N8n, executionId: string): Promise<Execution> {
  await n8n.rest('POST', `/executions/${executionId}/retry`, { loadWorkflow: false });
  // n8n 1 does not reply which execution it has started.
  const { results } = (await n8n.rest('GET', '/executions?limit=50')) as {
    results: { id: string; retryOf?: string | null }[];
  };
  const retry = results.find(({ retryOf }) => retryOf === executionId);
  if (!retry) throw new Error(`n8n lists no retry of execution ${executionId}`);
  return endOf(n8n, retry.id);
}

/**
 * Activates or deactivates a workflow, and waits until n8n has done so. @throws Error when its trigger cannot
 * start.
 */
export async function setActive(n8n: N8n, workflowId: string, isActive: boolean): Promise<void> {
  const { versionId } = (await n8n.rest('GET', `/workflows/${workflowId}`)) as { versionId: string };
  if (isN8n1) {
    // n8n replies when it is done.
    await n8n.rest('PATCH', `/workflows/${workflowId}`, { active: isActive, versionId });
    return;
  }
  await n8n.rest('POST', `/workflows/${workflowId}/${isActive ? 'activate' : 'deactivate'}`, { versionId });
  // Before 2.34 n8n replies when it is done, and has no status to poll.
  if (isN8nBefore(2, 34)) return;
  await until(`workflow ${workflowId} is ${isActive ? '' : 'not '}active`, async () => {
    const publication = (await n8n.rest('GET', `/workflows/${workflowId}/publication-status`)) as {
      status: string;
      triggers: { errorMessage: string | null }[];
    };
    const { status, triggers } = publication;
    if (status === 'failed') throw new Error(triggers.map(({ errorMessage }) => errorMessage).join());
    return status !== 'in_progress' && (status === 'published') === isActive;
  });
}

/** The ids of the executions that a workflow's triggers have started, oldest first, without manual ones. */
export async function executionsOf(n8n: N8n, workflowId: string): Promise<string[]> {
  const filter = encodeURIComponent(JSON.stringify({ workflowId }));
  const { results } = (await n8n.rest('GET', `/executions?filter=${filter}&limit=50`)) as {
    results: { id: string; mode: string }[];
  };
  return results.flatMap(({ id, mode }) => (mode === 'manual' ? [] : [id])).reverse();
}

/** Waits for the end of an execution. */
export async function endOf(n8n: N8n, executionId: string, seconds = 60): Promise<Execution> {
  let read: { status: string; data: string } | undefined;
  await until(
    `the end of execution ${executionId}`,
    async () => {
      read = (await n8n.rest('GET', `/executions/${executionId}`)) as typeof read;
      return !['new', 'running', 'waiting'].includes(read?.status ?? '');
    },
    seconds,
  );
  const { resultData } = n8n.unpack(read?.data ?? '{}') as RunData;
  return {
    id: executionId,
    status: read?.status ?? '',
    error: resultData.error ?? null,
    items: (node, output = 0) => resultData.runData[node]?.at(-1)?.data?.main?.[output] ?? [],
    runCount: (node) => resultData.runData[node]?.length ?? 0,
    milliseconds: (node) => resultData.runData[node]?.at(-1)?.executionTime ?? NaN,
  };
}
