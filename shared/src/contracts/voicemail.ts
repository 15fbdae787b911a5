/** What a call does if a machine answers. */
import * as z from 'zod';

export const voicemailActions = ['hang_up', 'leave_message', 'speak'] as const;
export type VoicemailAction = (typeof voicemailActions)[number];

export const voicemail = z
  .strictObject({
    action: z.enum(voicemailActions).meta({
      description:
        'hang_up: the machine hears nothing. leave_message: the message is spoken after the machine’s greeting. speak: the agent’s greeting is spoken to whoever answers.',
    }),
    message: z
      .string()
      .max(4000)
      .refine((text) => text.trim() !== '', 'A message has text; leave it out for the agent’s greeting')
      .optional()
      .meta({
        description: 'The message of leave_message, with {{variables}}. Absent: the agent’s greeting.',
      }),
  })
  .refine(({ action, message }) => action === 'leave_message' || message === undefined, {
    path: ['message'],
    error: 'Only leave_message has a message',
  });
export type Voicemail = z.infer<typeof voicemail>;

/** What calls through a carrier can do if a machine answers, by the agent's answer. Empty lists: nothing. */
export const voicemailOffer = z.object({
  announce: z.array(z.enum(voicemailActions)),
  stream: z.array(z.enum(voicemailActions)),
});
