/** The instructions for an answered call, by answer mode. */
import type { Instruction } from '../../../trigger-server/src/carriers/port/instructions';

export type Instructions = readonly Instruction[];

export function announcement(text: string): Instructions {
  return [{ name: 'say', text }, { name: 'hang_up' }];
}

export function streamTo(url: string, parameters: Record<string, string>): Instructions {
  return [{ name: 'connect', url, parameters }];
}

/** The instructions of a run that has ended. */
export const hungUp: Instructions = [{ name: 'hang_up' }];
