import {
  beginHistory,
  record,
  redo,
  replacePresent,
  undo,
} from '../../../trigger-server/console/src/screens/agent/model/history';

test('undo and redo walk through the steps, and a new change ends what could be redone', () => {
  const changed = record(record(beginHistory('a'), 'b'), 'c');
  const back = undo(undo(changed));
  expect(back.present).toBe('a');
  expect(redo(back).present).toBe('b');
  expect(record(back, 'x')).toMatchObject({ past: ['a'], present: 'x', future: [] });
});

test('typing in one field is one step, and in another field another one', () => {
  const typed = record(record(record(beginHistory('a'), 'ab', 'name'), 'abc', 'name'), 'abc!', 'prompt');
  expect(undo(typed).present).toBe('abc');
  expect(undo(undo(typed)).present).toBe('a');
});

test('typing after an undo is a step of its own', () => {
  const undone = undo(record(record(beginHistory('a'), 'b', 'name'), 'c'));
  expect(undo(record(undone, 'bb', 'name')).present).toBe('b');
});

test('nothing to undo or to redo changes nothing', () => {
  expect(undo(beginHistory('a')).present).toBe('a');
  expect(redo(beginHistory('a')).present).toBe('a');
});

test('what the server replied replaces the present without a step', () => {
  const saved = replacePresent(record(beginHistory('a'), 'b'), 'b from the server');
  expect(saved.present).toBe('b from the server');
  expect(undo(saved).present).toBe('a');
});

test('the oldest steps are forgotten', () => {
  let history = beginHistory(0);
  for (let step = 1; step <= 500; step += 1) history = record(history, step);
  expect(history.past).toHaveLength(200);
});
