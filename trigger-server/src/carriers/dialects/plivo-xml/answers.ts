/** What such a carrier does with an answered call (see `account-calls.ts`): XML of `Record`, `Speak`, `Stream` and `Hangup`. */
import type { Answer, AnsweredCall } from '../../port/call';
import type { AnswerDocument, CallbackRequest } from '../../port/callback';
import { callbackFields } from './reports';
import { element, xmlDocument, type XmlElement } from '../../kit/xml';

/** The answer in the carriers' XML, at most 100 KB. */
export function answerDocument(call: AnsweredCall): AnswerDocument {
  return documentOf(instructions(call));
}

/** The same to a request that its carrier signs: an event that reached the answer URL gets no instructions. */
export function answerUnlessEvent(call: AnsweredCall, request: CallbackRequest): AnswerDocument {
  const event = callbackFields(request).Event?.toLowerCase();
  return event === 'hangup' || event === 'ring' ? documentOf([]) : answerDocument(call);
}

function documentOf(elements: XmlElement[]): AnswerDocument {
  return { contentType: 'application/xml', body: xmlDocument(element('Response', {}, ...elements)) };
}

function instructions(call: AnsweredCall): XmlElement[] {
  const { answer } = call;
  const isRecorded = call.record && answer.mode !== 'hangup';
  return isRecorded ? [recording(call), ...verbs(answer)] : verbs(answer);
}

/** Runs beside what follows, until the call ends. Carriers tell its address to either of the two, some when it begins. */
function recording(call: AnsweredCall): XmlElement {
  return element('Record', {
    recordSession: 'true',
    redirect: 'false',
    maxLength: String(call.maxCallDurationSeconds),
    fileFormat: 'wav',
    action: call.callbackUrl('recording'),
    method: 'POST',
    callbackUrl: call.callbackUrl('recording'),
    callbackMethod: 'POST',
  });
}

function verbs(answer: Answer): XmlElement[] {
  const hangup = element('Hangup');
  switch (answer.mode) {
    case 'hangup':
      return [hangup];
    case 'announce':
      return answer.text.trim() === '' ? [hangup] : [element('Speak', {}, answer.text), hangup];
    case 'stream': {
      const extraHeaders = streamHeaders(answer.parameters);
      const attributes = {
        bidirectional: 'true',
        keepCallAlive: 'true',
        contentType: 'audio/x-mulaw;rate=8000',
        ...(extraHeaders === '' ? {} : { extraHeaders }),
      };
      return [element('Stream', attributes, answer.url)];
    }
  }
}

const maxStreamHeadersBytes = 512;

/**
 * `name=value,name=value` of letters and digits, at most 512 bytes: all that these carriers pass on. Names lose their
 * underscores (`run_id` is `runId`), UUIDs their hyphens; a value that still does not fit is left out.
 */
function streamHeaders(parameters: Record<string, string>): string {
  let headers = '';
  for (const [name, value] of Object.entries(parameters)) {
    const plainName = name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
    const plainValue = /^[0-9a-f-]{36}$/i.test(value) ? value.replaceAll('-', '') : value;
    if (!/^[A-Za-z0-9]+$/.test(plainName) || !/^[A-Za-z0-9]+$/.test(plainValue)) continue;
    const next = `${headers === '' ? '' : `${headers},`}${plainName}=${plainValue}`;
    if (next.length <= maxStreamHeadersBytes) headers = next;
  }
  return headers;
}
