/**
 * What Cloudonix is told to do with an answered call, sent with the dial:
 * https://developers.cloudonix.com/Documentation/voiceApplication/Verb/say, …/Verb/hangup and …/Verb/connect/stream
 */
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import type { Answer } from '../../port/call';

export function cxml(answer: Answer): string {
  return xmlDocument(element('Response', {}, ...verbs(answer), element('Hangup')));
}

/**
 * `<Parameter>` inside `<Stream>` is TwiML, with which CXML is documented as compatible; a limit of its length is not
 * documented. The page of `<Stream>` shows `<Hangup>` after it, for when the other side closes the stream.
 */
function verbs(answer: Answer): XmlElement[] {
  switch (answer.mode) {
    case 'announce':
      return answer.text.trim() === '' ? [] : [element('Say', {}, answer.text)];
    case 'stream': {
      const parameters = Object.entries(answer.parameters).map(([name, value]) =>
        element('Parameter', { name, value }),
      );
      return [element('Connect', {}, element('Stream', { url: answer.url }, ...parameters))];
    }
    case 'hangup':
      return [];
  }
}
