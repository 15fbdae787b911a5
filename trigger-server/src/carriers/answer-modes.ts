/** The answer modes of agents (`workflow_configurations.answer`), and which of them a carrier offers. */
import type { ProviderMetadata, VoicemailAction } from '@dograh-trigger/shared';
import type { Instruction, InstructionName } from './port/instructions';
import type { TelephonyProvider } from './port/provider';
import type { CarrierTools } from './port/tools';

export type AnswerMode = NonNullable<ProviderMetadata['answers']>[number];

/**
 * The instructions of each mode's calls: what a carrier must be able to do for it, in one way or another. Every mode has
 * `hang_up`, because a run may end before its call is answered.
 */
const instructionNames = {
  announce: [['say', 'hang_up']],
  converse: [
    ['say', 'gather', 'pause', 'go_on', 'hang_up'],
    ['say', 'relay', 'hang_up'],
  ],
  stream: [['connect', 'hang_up']],
  dograh: [['hand_over', 'hang_up']],
} as const satisfies Record<AnswerMode, readonly (readonly InstructionName[])[]>;

/** The instructions of one mode. Its calls use no others. */
export type InstructionOf<Mode extends AnswerMode> = Extract<
  Instruction,
  { name: (typeof instructionNames)[Mode][number][number] }
>;

export const answerModes = Object.keys(instructionNames) as AnswerMode[];

/** The modes whose instructions this provider can carry out on this server. */
export function answerModesOf(
  { can, whyNoTalk }: Pick<TelephonyProvider, 'can' | 'whyNoTalk'>,
  tools: Pick<CarrierTools, 'sttCommand'>,
): AnswerMode[] {
  const isMute = (whyNoTalk?.(tools) ?? null) !== null;
  return answerModes
    .filter((mode) => instructionNames[mode].some((names) => names.every((name) => can.includes(name))))
    .filter((mode) => mode !== 'converse' || !isMute);
}

type VoicemailOffers = NonNullable<ProviderMetadata['voicemail']>;

/** What this provider can do if a machine answers, by answer mode. A machine that answers a conversation gets the announcement. */
export function voicemailOf({
  voicemail,
}: Pick<TelephonyProvider, 'voicemail'>): Record<keyof VoicemailOffers, VoicemailAction[]> {
  return { announce: [...(voicemail?.announce ?? [])], stream: [...(voicemail?.stream ?? [])] };
}
