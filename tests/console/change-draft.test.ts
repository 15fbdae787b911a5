import type { Run } from '@dograh-trigger/shared';
import { changeDraftOf, changesOf } from '../../trigger-server/console/src/screens/call/change-draft';

const run: Run = {
  id: 12,
  workflow_id: 1,
  name: 'WR-API-12',
  mode: 'twilio',
  created_at: '2026-12-24T07:00:00.000Z',
  call_type: 'outbound',
  is_completed: false,
  status: 'queued',
  waiting_for: 'time',
  due_at: '2026-12-24T08:00:42.000Z',
  not_after: '2026-12-24T17:00:00.000Z',
  reference: 'order-7',
};

it('sends nothing of what was not changed, so that no second is lost', () => {
  const shown = changeDraftOf(run);
  expect(changesOf(shown, shown)).toEqual({});
  expect(changesOf(shown, { ...shown, reference: ' order-8 ' })).toEqual({ reference: 'order-8' });
});

it('removes what was emptied', () => {
  const shown = changeDraftOf(run);
  expect(changesOf(shown, { ...shown, notBefore: '', notAfter: '', reference: '' })).toEqual({
    not_before: null,
    not_after: null,
    reference: null,
  });
});

it('sends instants with their offset, and the two choices that a run does not show', () => {
  const shown = changeDraftOf({ ...run, waiting_for: 'hours' });
  expect(shown.notBefore).toBe('');
  const local = '2026-12-25T10:00';
  expect(
    changesOf(shown, { ...shown, notBefore: local, outsideHours: 'wait', timeZone: ' Asia/Tokyo ' }),
  ).toEqual({ not_before: new Date(local).toISOString(), outside_hours: 'wait', time_zone: 'Asia/Tokyo' });
});
