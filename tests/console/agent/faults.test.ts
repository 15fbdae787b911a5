import type { DefinitionReport } from '@dograh-trigger/shared';
import {
  countFaults,
  faultOfField,
  reportIn,
  sortFaults,
} from '../../../trigger-server/console/src/screens/agent/model/faults';
import {
  setEdgeField,
  setNodeField,
  removeNode,
} from '../../../trigger-server/console/src/screens/agent/model/content';
import { contentWith, edge, node } from './support';

const saved = contentWith({
  nodes: [node('start', 'startCall', { name: 'Start' }), node('end', 'endCall')],
  edges: [edge('start', 'end', { label: '' })],
});

const report: DefinitionReport = {
  is_valid: false,
  errors: [
    { kind: 'node', id: 'start', field: 'data.prompt', message: 'The startCall node needs a prompt.' },
    { kind: 'edge', id: 'start-end', field: 'data.label', message: 'A transition needs a label.' },
    { kind: 'workflow', id: null, field: null, message: 'A workflow needs more.' },
  ],
  warnings: [{ kind: 'node', id: 'start', field: 'data.greeting', message: 'No greeting.' }],
};

test('faults stand at the node, the transition or the agent that they are about', () => {
  const faults = sortFaults(report, saved, saved);
  expect(faults.byNode.get('start')).toEqual([
    { field: 'prompt', message: 'The startCall node needs a prompt.', isWarning: false },
    { field: 'greeting', message: 'No greeting.', isWarning: true },
  ]);
  expect(faults.byEdge.get('start-end')).toMatchObject([{ field: 'label' }]);
  expect(faults.general).toMatchObject([{ message: 'A workflow needs more.' }]);
});

test('a fault goes when its field was changed since the check, and the others stay', () => {
  const typed = setNodeField(saved, 'start', 'prompt', 'Talk.');
  const mended = setEdgeField(typed, 'start-end', 'label', 'Done');
  const faults = sortFaults(report, saved, mended);
  expect(faults.byNode.get('start')).toMatchObject([{ field: 'greeting' }]);
  expect(faults.byEdge.size).toBe(0);
});

test('faults of a removed node are left out', () => {
  expect(sortFaults(report, saved, removeNode(saved, 'start')).byNode.size).toBe(0);
});

test('a field shows its faults, not its warnings; a node counts both', () => {
  const own = sortFaults(report, saved, saved).byNode.get('start')!;
  expect(faultOfField(own, 'prompt')).toBe('The startCall node needs a prompt.');
  expect(faultOfField(own, 'greeting')).toBeUndefined();
  expect(countFaults(own)).toBe('1 fault, 1 warning');
});

test('only a list of faults is taken for a report', () => {
  expect(reportIn(report)).toBe(report);
  expect(reportIn('Workflow with id 1 not found')).toBeNull();
  expect(reportIn([{ loc: ['body'], msg: 'Field required' }])).toBeNull();
});
