/** The meaning of hangup causes and words that two carriers have in common. */
import { readAccountCallback } from '../../../../trigger-server/src/carriers/dialects/plivo-xml/reports';
import type { CallbackPurpose } from '../../../../trigger-server/src/carriers/port/purpose';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import { received } from '../../../support/vendors/host';

function read(body: string, purpose: CallbackPurpose = 'hangup') {
  const url = 'https://calls.example.test/callback';
  return readAccountCallback(received({ method: 'POST', url, headers: {}, body }, purpose));
}

function report(fields: Record<string, string>, purpose?: CallbackPurpose) {
  return read(new URLSearchParams(fields).toString(), purpose);
}

describe('callbacks of the carriers of this dialect', () => {
  test.each([
    ['No Answer', 'no_answer'],
    ['Ring Timeout Reached', 'no_answer'],
    ['Busy Line', 'busy'],
    ['Busy everywhere', 'busy'],
    ['USER_BUSY', 'busy'],
    ['Canceled', 'canceled'],
    ['ORIGINATOR_CANCEL', 'canceled'],
    ['Canceled (Out Of Credits)', 'refused'],
    ['Destination Country Barred', 'refused'],
    ['Unallocated number', 'invalid_number'],
    ['Spam block', 'refused'],
    ['Routing Error', 'unreachable'],
    ['CALL_REJECTED', 'declined'],
    ['SWITCH_CONGESTION', 'overloaded'],
    ['Something new', 'failed'],
  ])('a bare hangup of an unanswered call by "%s" is %s', (cause, outcome) => {
    expect(standing(report({ Event: 'Hangup', HangupCauseName: cause }))).toBe(outcome);
  });

  test('an unknown word is decided by a known cause, and never counts as a conversation', () => {
    expect(report({ CallStatus: 'ended', HangupCauseName: 'Busy Line' })).toEqual({
      ...ended('busy'),
      carrierReason: 'Busy Line',
      rawStatus: 'ended:busy_line',
    });
    expect(report({ CallStatus: 'ended', HangupCauseName: 'Something new' })).toEqual({
      status: 'unknown',
      rawStatus: 'ended:something_new',
    });
  });

  test('completed without an answer has the outcome of its cause', () => {
    const unanswered = { CallStatus: 'completed', AnswerTime: '', Duration: '30' };
    expect(report({ ...unanswered, HangupCause: 'USER_BUSY' })).toEqual({
      ...ended('busy'),
      carrierReason: 'USER_BUSY',
      rawStatus: 'completed:user_busy',
    });
    expect(
      report({ ...unanswered, HangupCauseName: 'Normal Hangup', HangupSource: 'API Request' }),
    ).toMatchObject(ended('canceled'));
    expect(report({ ...unanswered, HangupCauseName: 'Something new' })).toEqual({
      ...ended('failed'),
      carrierReason: 'Something new',
      rawStatus: 'completed:something_new',
    });
    expect(report({ CallStatus: 'completed', BillDuration: '0', HangupCauseName: 'Rejected' })).toMatchObject(
      ended('declined'),
    );
  });

  test('completed without data on the answer is the end of a conversation', () => {
    expect(
      report({ CallStatus: 'completed', Duration: '0', HangupCauseName: 'Something new' }),
    ).toMatchObject({ ...ended('talk_ended'), rawStatus: 'completed:something_new' });
  });

  test.each([
    ['Normal Hangup', 'Callee', 'callee_hung_up'],
    ['Normal Hangup', 'Call recipient', 'callee_hung_up'],
    ['Normal Hangup', 'Caller', 'callee_hung_up'],
    ['Normal Hangup', 'API Request', 'hung_up_elsewhere'],
    ['Normal Hangup', 'Answer XML', 'agent_hung_up'],
    ['End Of XML Instructions', 'Plivo', 'agent_hung_up'],
    ['Scheduled Hangup', 'Plivo', 'limit_reached'],
    ['Machine Detected', 'Plivo', 'voicemail'],
    ['Error Reaching Answer URL', 'Error', 'agent_unreachable'],
    ['Network Error', 'Error', 'broken_off'],
    ['Normal Hangup', 'Unknown', 'talk_ended'],
  ])('an answered call that ended by "%s" from %s is %s', (cause, source, outcome) => {
    const said = report({
      CallStatus: 'completed',
      Duration: '12',
      HangupCauseName: cause,
      HangupSource: source,
    });
    expect(standing(said)).toBe(outcome);
    expect(said.durationSeconds).toBe(12);
  });

  test.each([
    ['true', 'machine', { messageIsDue: true }],
    ['false', 'human', {}],
  ])('the result of machine detection (%s) is reported', (machine, who, more) => {
    const fields = { Event: 'MachineDetection', CallStatus: 'in-progress', Machine: machine };
    expect(report(fields, 'status')).toEqual({
      status: 'answered',
      rawStatus: 'in-progress',
      answeredBy: { who, raw: machine },
      ...more,
    });
  });

  test('the word may be missing only if the purpose of the URL implies it', () => {
    expect(report({ CallUUID: 'u-1' }, 'answer')).toMatchObject({ status: 'answered' });
    expect(report({ CallUUID: 'u-1' }, 'ring')).toMatchObject({ status: 'ringing' });
    expect(() => report({ CallUUID: 'u-1' })).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  });

  test.each([
    ['Ring', 'ringing'],
    ['StartApp', 'answered'],
  ])('without a status, the event %s replaces it', (event, status) => {
    expect(report({ Event: event, CallStatus: '' })).toMatchObject({ status, rawStatus: event });
  });

  test('a call that rang for a while and was not billed counts as unanswered', () => {
    const fields = { CallStatus: 'completed', Duration: '21', BillDuration: '0', HangupCause: 'NO_ANSWER' };
    expect(report(fields)).toEqual({
      ...ended('no_answer'),
      carrierReason: 'NO_ANSWER',
      rawStatus: 'completed:no_answer',
    });
  });

  test('a body in JSON, with numbers and booleans, is read as well', () => {
    const said = {
      CallUUID: 'u-1',
      Event: 'Hangup',
      CallStatus: 'completed',
      Duration: 12,
      HangupCauseName: 'End Of XML Instructions',
      HangupSource: 'Vendor',
      Machine: false,
      AnswerTime: null,
      nested: { CallStatus: 'busy' },
    };
    expect(read(JSON.stringify(said))).toEqual({
      ...ended('agent_hung_up'),
      carrierReason: 'End Of XML Instructions',
      rawStatus: 'completed:end_of_xml_instructions',
      callId: 'u-1',
      durationSeconds: 12,
      answeredBy: { who: 'human', raw: 'false' },
    });
  });

  test.each(['', 'garbage', '[]', '{"CallUUID":"u-1"}', '\u0000'])('a body %j is refused', (body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  });

  test('a long word is cut', () => {
    expect(report({ CallStatus: 'x'.repeat(5000), HangupCause: 'y'.repeat(5000) }).rawStatus).toHaveLength(
      161,
    );
  });
});
