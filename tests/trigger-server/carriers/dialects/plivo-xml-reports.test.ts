/** What hangups, words and facts mean that two carriers spell alike. */
import { readAccountCallback } from '../../../../trigger-server/src/carriers/dialects/plivo-xml/reports';
import type { CallbackPurpose } from '../../../../trigger-server/src/carriers/port/purpose';
import { received } from '../../../support/vendors/host';

function read(body: string, purpose: CallbackPurpose = 'hangup') {
  const url = 'https://calls.example.test/callback';
  return readAccountCallback(received({ method: 'POST', url, headers: {}, body }, purpose));
}

function report(fields: Record<string, string>, purpose?: CallbackPurpose) {
  return read(new URLSearchParams(fields).toString(), purpose);
}

describe('callbacks of the account-call carriers', () => {
  test.each([
    ['No Answer', 'no-answer'],
    ['Ring Timeout Reached', 'no-answer'],
    ['Busy Line', 'busy'],
    ['Busy everywhere', 'busy'],
    ['USER_BUSY', 'busy'],
    ['Canceled', 'canceled'],
    ['ORIGINATOR_CANCEL', 'canceled'],
    ['Canceled (Out Of Credits)', 'failed'],
    ['Destination Country Barred', 'failed'],
    ['Unallocated number', 'failed'],
    ['Spam block', 'failed'],
    ['Routing Error', 'failed'],
    ['CALL_REJECTED', 'failed'],
    ['SWITCH_CONGESTION', 'failed'],
    ['Something new', 'failed'],
  ])('a bare hangup of an unanswered call by "%s" is %s', (cause, status) => {
    expect(report({ Event: 'Hangup', HangupCauseName: cause })).toMatchObject({ status });
  });

  test('a word outside the known few is settled by a known cause, and never taken for a conversation', () => {
    expect(report({ CallStatus: 'ended', HangupCauseName: 'Busy Line' })).toEqual({
      status: 'busy',
      rawStatus: 'ended:busy_line',
    });
    expect(report({ CallStatus: 'ended', HangupCauseName: 'Something new' })).toEqual({
      status: 'unknown',
      rawStatus: 'ended:something_new',
    });
  });

  test('completed without an answer ends as the cause says', () => {
    const unanswered = { CallStatus: 'completed', AnswerTime: '', Duration: '30' };
    expect(report({ ...unanswered, HangupCause: 'USER_BUSY' })).toEqual({
      status: 'busy',
      rawStatus: 'completed:user_busy',
    });
    expect(
      report({ ...unanswered, HangupCauseName: 'Normal Hangup', HangupSource: 'API Request' }),
    ).toMatchObject({ status: 'canceled' });
    expect(report({ ...unanswered, HangupCauseName: 'Something new' })).toEqual({
      status: 'failed',
      rawStatus: 'completed:something_new',
    });
    expect(report({ CallStatus: 'completed', BillDuration: '0', HangupCauseName: 'Rejected' })).toMatchObject(
      {
        status: 'failed',
      },
    );
  });

  test('completed without a word about the answer is what the carrier says', () => {
    expect(
      report({ CallStatus: 'completed', Duration: '0', HangupCauseName: 'Something new' }),
    ).toMatchObject({ status: 'completed', rawStatus: 'completed:something_new' });
  });

  test.each([
    ['Normal Hangup', 'Callee', 'user_hangup'],
    ['Normal Hangup', 'Call recipient', 'user_hangup'],
    ['Normal Hangup', 'Caller', 'user_hangup'],
    ['Normal Hangup', 'API Request', 'system_cancelled'],
    ['Normal Hangup', 'Answer XML', 'end_call_tool'],
    ['End Of XML Instructions', 'Plivo', 'end_call_tool'],
    ['Scheduled Hangup', 'Plivo', 'call_duration_exceeded'],
    ['Machine Detected', 'Plivo', 'voicemail_detected'],
    ['Error Reaching Answer URL', 'Error', 'system_connect_error'],
    ['Network Error', 'Error', 'unexpected_error'],
    ['Normal Hangup', 'Unknown', undefined],
  ])('an answered call that ended by "%s" from %s has the disposition %s', (cause, source, disposition) => {
    const ended = report({
      CallStatus: 'completed',
      Duration: '12',
      HangupCauseName: cause,
      HangupSource: source,
    });
    expect(ended.status).toBe('completed');
    expect(ended.durationSeconds).toBe(12);
    expect(ended.disposition).toBe(disposition);
  });

  test.each([
    ['true', 'machine'],
    ['false', 'human'],
  ])('the result of machine detection (%s) is a fact of the run', (machine, answeredBy) => {
    const fields = { Event: 'MachineDetection', CallStatus: 'in-progress', Machine: machine };
    expect(report(fields, 'status')).toEqual({
      status: 'answered',
      rawStatus: 'in-progress',
      gathered: { answered_by: answeredBy },
    });
  });

  test('the word may be missing where the address says it, and nowhere else', () => {
    expect(report({ CallUUID: 'u-1' }, 'answer')).toMatchObject({ status: 'answered' });
    expect(report({ CallUUID: 'u-1' }, 'ring')).toMatchObject({ status: 'ringing' });
    expect(() => report({ CallUUID: 'u-1' })).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  });

  test.each([
    ['Ring', 'ringing'],
    ['StartApp', 'answered'],
  ])('the event %s stands for a status where there is none', (event, status) => {
    expect(report({ Event: event, CallStatus: '' })).toMatchObject({ status, rawStatus: event });
  });

  test('a call that rang for a while and was never billed was not answered', () => {
    const fields = { CallStatus: 'completed', Duration: '21', BillDuration: '0', HangupCause: 'NO_ANSWER' };
    expect(report(fields)).toEqual({ status: 'no-answer', rawStatus: 'completed:no_answer' });
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
      status: 'completed',
      rawStatus: 'completed:end_of_xml_instructions',
      callId: 'u-1',
      durationSeconds: 12,
      disposition: 'end_call_tool',
      gathered: { answered_by: 'human' },
    });
  });

  test.each(['', 'garbage', '[]', '{"CallUUID":"u-1"}', '\u0000'])('a body %j says nothing', (body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  });

  test('a word of any length is kept short', () => {
    expect(report({ CallStatus: 'x'.repeat(5000), HangupCause: 'y'.repeat(5000) }).rawStatus).toHaveLength(
      161,
    );
  });
});
