/**
 * TwiML, the XML in which several vendors are told what to do with an answered call:
 * https://www.twilio.com/docs/voice/twiml and https://developers.cloudonix.com/Documentation/voiceApplication
 */
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import type { Answer } from '../../port/call';

export const hangUp: XmlElement = element('Hangup');

export function twimlDocument(verbs: readonly XmlElement[]): string {
  return xmlDocument(element('Response', {}, ...verbs));
}

/**
 * What is spoken, or where the call is connected to; nothing for a call that is only hung up.
 *
 * @param parameterCharacters how long name and value of a stream's parameter may be together. One that is longer is left
 *   out: it would lose the whole call.
 */
export function answerVerbs(answer: Answer, parameterCharacters = Infinity): XmlElement[] {
  switch (answer.mode) {
    case 'announce':
      return answer.text.trim() === '' ? [] : [element('Say', {}, answer.text)];
    case 'stream': {
      const parameters = Object.entries(answer.parameters)
        .filter(([name, value]) => name.length + value.length < parameterCharacters)
        .map(([name, value]) => element('Parameter', { name, value }));
      return [element('Connect', {}, element('Stream', { url: answer.url }, ...parameters))];
    }
    case 'hangup':
      return [];
  }
}
