import {
  agentFileName,
  agentFileText,
  readAgentFile,
} from '../../../trigger-server/console/src/api/agent-file';
import { blankAgent } from '../../../trigger-server/console/src/screens/agents/blank-agent';
import { publishingFaults } from '../../../trigger-server/src/agents/definition/validation';
import { listSpokenVariables } from '@dograh-trigger/shared';

/** As Dograh's editor writes it: nodes with what its canvas measured, and the viewport. */
const dographs = {
  name: 'Reminder',
  workflow_definition: {
    nodes: [
      {
        id: '1',
        type: 'startCall',
        position: { x: 10.5, y: 20 },
        data: { name: 'Start', prompt: 'Hi', invalid: false },
        measured: { width: 300, height: 150 },
      },
    ],
    edges: [],
    viewport: { x: 1, y: 2, zoom: 0.5 },
  },
};

test('a file of Dograh is read and written again without a change', () => {
  const { name, definition } = readAgentFile(JSON.stringify(dographs));
  expect(JSON.parse(agentFileText(name!, definition))).toEqual(dographs);
});

test('a file that holds the definition alone has no name', () => {
  expect(readAgentFile('{"nodes": []}')).toEqual({ name: null, definition: { nodes: [], edges: [] } });
});

test.each([
  ['not JSON', 'name: Reminder'],
  ['a list', '[]'],
  ['no nodes', '{"name": "x"}'],
  ['a node without data', '{"nodes": [{"id": "1", "type": "startCall"}]}'],
  ['a transition without its end', '{"nodes": [], "edges": [{"id": "1", "source": "a"}]}'],
])('%s is refused in words', (_case, text) => {
  expect(() => readAgentFile(text)).toThrow('This file is not an agent');
});

test('the file’s name has no characters that a system refuses', () => {
  expect(agentFileName('Größe: A/B <c>')).toBe('Größe A B c.json');
  expect(agentFileName('///')).toBe('agent.json');
});

test('a new agent can be published and called at once, whatever its name', () => {
  const definition = blankAgent('{{evil}} agent');
  expect(publishingFaults(definition, new Map(), true)).toEqual([]);
  expect(listSpokenVariables(definition)).toEqual([{ name: 'name', fallback: 'there' }]);
});
