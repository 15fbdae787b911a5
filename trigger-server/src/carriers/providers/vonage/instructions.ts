/**
 * What Vonage is told to do with an answered call: an NCCO, a list of actions.
 * Source: https://developer.vonage.com/en/voice/voice-api/ncco-reference
 */
import { speechParts } from '../../kit/speech';
import type { AnsweredCall } from '../../port/call';
import { isOnlyHungUp, notOffered, type Instruction, type InstructionName } from '../../port/instructions';

export const can: readonly InstructionName[] = ['say', 'connect', 'hang_up'];

/** Characters of one `talk` action. */
const longestTalk = 1500;

/** There is no action that hangs up: the call ends when there are no actions left. An empty document may be refused. */
const ending = { action: 'wait', timeout: 0.1 };

export function ncco(call: AnsweredCall): object[] {
  const { instructions } = call;
  const actions = instructions.flatMap(actionsFor);
  const recordings = call.record && !isOnlyHungUp(instructions) ? [recordingFor(call)] : [];
  return [...recordings, ...(actions.length === 0 ? [ending] : actions)];
}

/** Runs beside the actions that follow, until the call ends: https://developer.vonage.com/en/voice/voice-api/ncco-reference#record */
function recordingFor(call: AnsweredCall): object {
  return { action: 'record', format: 'wav', eventUrl: [call.callbackUrl('recording')], eventMethod: 'POST' };
}

function actionsFor(instruction: Instruction): object[] {
  switch (instruction.name) {
    case 'say':
      return speechParts(withoutMarkup(instruction.text), longestTalk).map((text) => ({
        action: 'talk',
        text,
      }));
    case 'connect': {
      const { url, parameters } = instruction;
      const media = { 'content-type': 'audio/l16;rate=16000', headers: parameters };
      return [{ action: 'connect', endpoint: [{ type: 'websocket', uri: url, ...media }] }];
    }
    case 'hang_up':
      return [];
    case 'play':
    case 'gather':
    case 'pause':
      return notOffered(instruction);
  }
}

/** A text that begins with `<speak>` would be read as SSML. */
function withoutMarkup(text: string): string {
  return text.toWellFormed().replace(/[<>]/g, ' ');
}
