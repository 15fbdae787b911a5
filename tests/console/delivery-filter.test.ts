/** The filter of deliveries and the address are the same thing. */
import { deliveryStatuses } from '@dograh-trigger/shared';
import {
  deliveriesPath,
  readFilter,
  writeFilter,
} from '../../trigger-server/console/src/screens/events/delivery-filter';
import { deliveryWords } from '../../trigger-server/console/src/ui/delivery-words';

test.each([
  { status: undefined, runId: undefined, page: 1 },
  { status: 'dead_letter', runId: 12, page: 3 },
  { status: 'pending', runId: undefined, page: 1 },
] as const)('an address leads back to the filter %j', (filter) => {
  expect(readFilter(writeFilter(filter))).toEqual(filter);
});

test('the first page of all deliveries has the plain address', () => {
  expect(deliveriesPath(readFilter(''))).toBe('/events/deliveries');
});

test('what an address holds wrongly is no filter', () => {
  const none = { status: undefined, runId: undefined, page: 1 };
  expect(readFilter('status=constructor&run=-1&page=0')).toEqual(none);
  expect(readFilter('status=&run=1e9&page=x')).toEqual(none);
});

test('every state of the API can be chosen', () => {
  expect(Object.keys(deliveryWords).sort()).toEqual([...deliveryStatuses].sort());
});
