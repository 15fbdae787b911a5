/**
 * TwiML, the XML in which several vendors are told what to do with an answered call:
 * https://www.twilio.com/docs/voice/twiml and https://developers.cloudonix.com/Documentation/voiceApplication
 */
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import { notOffered, type Instruction, type InstructionName } from '../../port/instructions';

/** The instructions that are written in TwiML here. */
export const can: readonly InstructionName[] = ['say', 'connect', 'hang_up'];

/**
 * @param parameterCharacters how long name and value of a stream's parameter may be together. One that is longer is left
 *   out: it would lose the whole call.
 */
export function twiml(instructions: readonly Instruction[], parameterCharacters = Infinity): string {
  const verbs = instructions.flatMap((instruction) => verbsFor(instruction, parameterCharacters));
  return xmlDocument(element('Response', {}, ...verbs));
}

function verbsFor(instruction: Instruction, parameterCharacters: number): XmlElement[] {
  switch (instruction.name) {
    case 'say':
      return instruction.text.trim() === '' ? [] : [element('Say', {}, instruction.text)];
    case 'connect': {
      const parameters = Object.entries(instruction.parameters)
        .filter(([name, value]) => name.length + value.length < parameterCharacters)
        .map(([name, value]) => element('Parameter', { name, value }));
      return [element('Connect', {}, element('Stream', { url: instruction.url }, ...parameters))];
    }
    case 'hang_up':
      return [element('Hangup')];
    case 'play':
    case 'gather':
    case 'pause':
      return notOffered(instruction);
  }
}
