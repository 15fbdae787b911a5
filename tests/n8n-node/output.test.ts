/** The field Output exists only in an AI agent's tool, the field Simplify only in a node of a workflow. */
import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { startStandIn, type StandIn } from '../support/dograh-stand-in';
import { n8nContext } from '../support/n8n-context';

const run = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'sandbox',
  created_at: '2026-08-22T03:04:05Z',
  call_type: 'outbound',
  is_completed: true,
  status: 'completed',
  logs: { realtime_feedback_events: [] },
};

let server: StandIn;

beforeEach(async () => {
  server = await startStandIn({ replies: { 'GET /api/v1/workflow/0/runs/501': run } });
});

afterEach(() => server.close());

async function keysOf(parameters: INodeParameters, asTool: boolean): Promise<string[]> {
  const context = n8nContext({
    baseUrl: server.url,
    apiKey: 'dgr_o',
    parameters: { operation: 'get', runId: '501', ...parameters },
    asTool,
  });
  const [items] = await new Dograh().execute.call(context);
  return Object.keys(items?.[0]?.json ?? {});
}

const simplified = ['run_id', 'run_name', 'agent_id', 'status', 'waiting_for', 'due_at'];
simplified.push('reason', 'explanation', 'disposition', 'answered_by', 'voicemail_left', 'duration_seconds');
simplified.push(
  'phone_number',
  'mode',
  'fallback_from',
  'reference',
  'context',
  'learned',
  'unresolved_variables',
);
simplified.push('recording_url', 'transcript_url', 'utterances', 'utterances_omitted');

test.each<[string, boolean, INodeParameters, string[]]>([
  ['a node', false, {}, simplified],
  ['a node', false, { simplify: true }, simplified],
  ['a node', false, { simplify: false }, Object.keys(run)],
  ['a node, whatever is left of its days as a tool', false, { output: 'raw' }, simplified],
  ['a tool', true, {}, simplified],
  ['a tool', true, { output: 'raw' }, Object.keys(run)],
  ['a tool', true, { output: 'selected', selectedFields: ['status', 'run_id'] }, ['run_id', 'status']],
  ['a tool, whatever is left of its days as a node', true, { simplify: false }, simplified],
])('%s (tool: %s) with %j has the keys %j', async (_what, asTool, parameters, keys) => {
  expect(await keysOf(parameters, asTool)).toEqual(keys);
});
