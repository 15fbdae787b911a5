/** What the server tells a carrier to do with an answered call, as the answer modes make it. */
import type { Instruction } from '../../../trigger-server/src/carriers/port/instructions';

export type Instructions = readonly Instruction[];

export function announcement(text: string): Instructions {
  return [{ name: 'say', text }, { name: 'hang_up' }];
}

export function streamTo(url: string, parameters: Record<string, string>): Instructions {
  return [{ name: 'connect', url, parameters }];
}

/** Of a run that has ended. */
export const ended: Instructions = [{ name: 'hang_up' }];
