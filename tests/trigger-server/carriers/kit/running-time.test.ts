import { canBeOfDial, withRunningTime } from '../../../../trigger-server/src/carriers/kit/running-time';
import { ended, type Standing } from '../../../../trigger-server/src/carriers/port/report';

const talking: Standing = { status: 'answered' };
const repliedAt = 'Sun, 23 Mar 2014 14:51:20 GMT';

test.each([
  ['Twilio', 'Sun, 23 Mar 2014 14:49:40 +0000'],
  ['Plivo, without a zone', '2014-03-23 14:49:40.722551'],
  ['Telnyx and Vonage', '2014-03-23T14:49:40.000Z'],
  ['Asterisk, in its own zone', '2014-03-23T10:49:40.000-0400'],
  ['Cloudonix', Date.parse('2014-03-23T14:49:40Z')],
])('the running time of a call is calculated from a start in the form of %s', (_carrier, startedAt) => {
  const report = withRunningTime({ status: 'answered', rawStatus: 'x' }, startedAt, repliedAt);
  expect(Math.round(report.runningSeconds ?? 0)).toBeGreaterThanOrEqual(99);
  expect(Math.round(report.runningSeconds ?? 0)).toBeLessThanOrEqual(100);
});

test.each<[string, Standing, string | undefined, string | undefined]>([
  ['the call has ended', ended('talk_ended'), '2014-03-23T14:49:40Z', repliedAt],
  ['the start is missing', talking, undefined, repliedAt],
  ['the start cannot be read', talking, 'soon', repliedAt],
  ['the reply has no date', talking, '2014-03-23T14:49:40Z', undefined],
])('a report stays without a running time when %s', (_title, standing, startedAt, date) => {
  const report = { ...standing, rawStatus: 'x' };
  expect(withRunningTime(report, startedAt, date)).toEqual(report);
});

test.each([
  ['more than 5 seconds before the dial', '2014-03-23T14:49:34Z', false],
  ['5 seconds before it, by a clock that is behind ours', '2014-03-23T14:49:35Z', true],
  ['in its second', '2014-03-23T14:49:40Z', true],
  ['30 seconds after it', '2014-03-23T14:50:10Z', true],
  ['more than 30 seconds after it', '2014-03-23T14:50:12Z', false],
  ['at an unknown time', undefined, false],
])('whether a call that began %s can be of the dial', (_when, startedAt, expected) => {
  expect(canBeOfDial(startedAt, new Date('2014-03-23T14:49:40.700Z'))).toBe(expected);
});
