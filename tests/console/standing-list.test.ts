import {
  listToShow,
  newerCalls,
  type StandingList,
} from '../../trigger-server/console/src/screens/calls/standing-list';

const shown: StandingList = { cursor: 'first', total: 10, newestId: 12 };

it('shows a new call at once to a reader at the beginning of the list', () => {
  const newest = { cursor: 'second', total: 11, newestId: 13 };
  expect(listToShow(shown, newest, true)).toBe(newest);
  expect(listToShow(null, newest, false)).toBe(newest);
});

it('keeps the list of a reader further down, and counts the calls that came since', () => {
  const newest = { cursor: 'second', total: 13, newestId: 15 };
  expect(listToShow(shown, newest, false)).toBe(shown);
  expect(newerCalls(shown, newest)).toBe(3);
});

it('keeps the list when only its cursor has changed, so that no page is read again', () => {
  expect(listToShow(shown, { ...shown, cursor: 'second' }, true)).toBe(shown);
});

it('shows a list of as many calls with another newest call', () => {
  const newest = { cursor: 'second', total: 10, newestId: 13 };
  expect(listToShow(shown, newest, true)).toBe(newest);
});
