/** What Asterisk is told to do with an answered call: to play one announcement, and to hang up after it. */
import { notOffered, type Instruction, type InstructionName } from '../../port/instructions';

export const can: readonly InstructionName[] = ['say', 'hang_up'];

/** The text of the announcement; empty where there is nothing to say. */
export function announcementOf(instructions: readonly Instruction[]): string {
  return instructions.map(textOf).join(' ').trim();
}

function textOf(instruction: Instruction): string {
  switch (instruction.name) {
    case 'say':
      return instruction.text;
    case 'hang_up':
      return '';
    case 'play':
    case 'gather':
    case 'connect':
    case 'pause':
      return notOffered(instruction);
  }
}
