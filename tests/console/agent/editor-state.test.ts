import type { Agent } from '@dograh-trigger/shared';
import {
  beginEditing,
  isDirty,
  reduceEditor,
  type EditorState,
} from '../../../trigger-server/console/src/screens/agent/editor/editor-state';
import {
  contentOfAgent,
  setNodeField,
} from '../../../trigger-server/console/src/screens/agent/model/content';
import { node } from './support';

function agentWith(greeting: string, revision: string): Agent {
  return {
    id: 1,
    name: 'Agent',
    status: 'active',
    created_at: '2026-11-23T12:00:00.000Z',
    workflow_definition: { nodes: [node('start', 'startCall', { greeting })], edges: [] },
    revision,
  };
}

function type(state: EditorState, greeting: string): EditorState {
  return reduceEditor(state, {
    kind: 'edit',
    change: (content) => setNodeField(content, 'start', 'greeting', greeting),
    burst: 'greeting',
  });
}

const greetingIn = ({ history }: EditorState) => history.present.definition.nodes[0]?.data['greeting'];

test('what another browser saved is shown at once while nothing was changed here', () => {
  const state = reduceEditor(beginEditing(agentWith('a', '1')), { kind: 'read', agent: agentWith('b', '2') });
  expect(greetingIn(state)).toBe('b');
  expect(state.base.revision).toBe('2');
  expect(isDirty(state)).toBe(false);
});

test('what another browser saved does not replace unsaved changes, and the next save still names the old revision', () => {
  const typed = type(beginEditing(agentWith('a', '1')), 'mine');
  const state = reduceEditor(typed, { kind: 'read', agent: agentWith('b', '2') });
  expect(greetingIn(state)).toBe('mine');
  expect(state.base.revision).toBe('1');
});

test('after a save nothing is unsaved, and undo brings back what was before', () => {
  const typed = type(beginEditing(agentWith('a', '1')), 'mine');
  const state = reduceEditor(typed, {
    kind: 'saved',
    agent: agentWith('mine', '2'),
    sent: typed.history.present,
  });
  expect(isDirty(state)).toBe(false);
  expect(greetingIn(reduceEditor(state, { kind: 'undo' }))).toBe('a');
});

test('what was typed while a save was under way stays, as unsaved', () => {
  const typed = type(beginEditing(agentWith('a', '1')), 'mine');
  const later = type(typed, 'mine, and more');
  const state = reduceEditor(later, {
    kind: 'saved',
    agent: agentWith('mine', '2'),
    sent: typed.history.present,
  });
  expect(greetingIn(state)).toBe('mine, and more');
  expect(isDirty(state)).toBe(true);
  expect(state.base.revision).toBe('2');
});

test('who keeps the own content after a conflict saves it over the newer revision', () => {
  const typed = type(beginEditing(agentWith('a', '1')), 'mine');
  const state = reduceEditor(typed, { kind: 'rebase', agent: agentWith('theirs', '2') });
  expect(greetingIn(state)).toBe('mine');
  expect(state.base.revision).toBe('2');
  expect(state.saved).toEqual(contentOfAgent(agentWith('theirs', '2')));
});

test('a text that is not JSON yet counts as unsaved until it is mended or undone', () => {
  const state = reduceEditor(beginEditing(agentWith('a', '1')), {
    kind: 'unparsed',
    key: 'hook payload_template',
    text: '{',
  });
  expect(isDirty(state)).toBe(true);
  expect(isDirty(reduceEditor(state, { kind: 'unparsed', key: 'hook payload_template', text: null }))).toBe(
    false,
  );
  expect(isDirty(reduceEditor(state, { kind: 'undo' }))).toBe(false);
});
