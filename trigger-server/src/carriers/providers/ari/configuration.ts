/**
 * The settings with which calls are placed through an Asterisk.
 * Source: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/
 */
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';
import { callName, readCallName, type CallAttempt } from '../../port/call-name';

const numberPlace = '{number}';

/**
 * A technology that leads to a phone or a trunk, and one device. Nothing that Asterisk reads as more: no `Local/`
 * (which runs the dialplan), no `&` (a second device), no options.
 */
const dialString = /^(?:PJSIP|SIP|IAX2|DAHDI)\/[A-Za-z0-9_.:@/+;=-]*$/;

export const configuration = z.object({
  ari_endpoint: z
    .url({
      protocol: /^https?$/,
      error: 'The address of Asterisk’s HTTP server, such as https://pbx.example.com:8089',
    })
    .max(500)
    .refine((text) => isPlainAddress(text), 'Write the address without a user, a query or a fragment')
    .meta(
      field({
        label: 'ARI endpoint',
        destination: true,
        placeholder: 'https://pbx.example.com:8089',
        description: 'Where Asterisk’s HTTP server listens (http.conf), without /ari.',
      }),
    ),
  app_name: z
    .string()
    .trim()
    .regex(
      /^[\u0021-\u0039\u003b-\u007e]{1,80}$/,
      'The name of a user in ari.conf has no spaces and no colon',
    )
    .meta(field({ label: 'ARI user', description: 'The name of the user’s section in ari.conf.' })),
  app_password: z
    .string()
    .trim()
    .regex(/^[\u0020-\u007e]{1,256}$/, 'A password in ari.conf is one line of plain characters')
    .meta(field({ label: 'ARI password', secret: true })),
  dial_template: z
    .string({ error: 'How a number is dialled, such as PJSIP/{number}@trunk' })
    .trim()
    .max(200)
    .refine((text) => text.split(numberPlace).length === 2, 'The template must contain {number} exactly once')
    .refine(
      (text) => dialString.test(text.replace(numberPlace, '0')),
      'The template must be one device of PJSIP, SIP, IAX2 or DAHDI, such as PJSIP/{number}@trunk',
    )
    .meta(
      field({
        label: 'Dial template',
        placeholder: 'PJSIP/{number}@trunk',
        description:
          '{number} becomes the digits of the number with its country code. Where the trunk wants the +, write PJSIP/+{number}@trunk.',
      }),
    ),
  stasis_app_name: z
    .string()
    .regex(/^dograh_[0-9a-f]{12}$/)
    .optional()
    .meta(
      field({
        label: 'Stasis application',
        readOnly: true,
        description: 'Made by the server; Asterisk reports the calls of this configuration under it.',
      }),
    ),
  calls_per_second: paceField('no limit of ours.'),
});

export type AriConfiguration = z.output<typeof configuration>;

function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}

/** The device that Asterisk dials. @param number E.164 */
export function deviceFor({ dial_template: template }: AriConfiguration, number: string): string {
  return template.replace(numberPlace, number.slice(1));
}

/** The Stasis application. @throws Error for settings that were never prepared. */
export function applicationOf({ stasis_app_name: name }: AriConfiguration): string {
  if (name === undefined) throw new Error('These settings of Asterisk have no Stasis application');
  return name;
}

/**
 * We name the channels, so an event leads to its run without stored data about the dial. The name contains the Stasis
 * application, so two servers on one Asterisk never affect each other's calls.
 */
export function channelIdOf(configuration: AriConfiguration, call: CallAttempt): string {
  return `${applicationOf(configuration)}-${callName(call)}`;
}

/** The call of a channel; null for a channel of another configuration. */
export function callOf(configuration: AriConfiguration, channelId: string): CallAttempt | null {
  const prefix = `${applicationOf(configuration)}-`;
  if (!channelId.startsWith(prefix)) return null;
  return readCallName(channelId.slice(prefix.length));
}

/** The channel of the person to whom a callee is handed over in this turn. There is one per turn, so nobody is dialled twice. */
export function legIdOf(channelId: string, turn: number): string {
  return `${channelId}-transfer-${String(turn)}`;
}

/** The callee's channel, for that of a person to whom a callee is handed over; null for any other. */
export function channelOfLeg(legId: string): string | null {
  return /^(.+)-transfer-\d{1,4}$/.exec(legId)?.[1] ?? null;
}

/** The id of a channel's announcement. There is one per channel, so a repeated order cannot play it twice. */
export function playbackIdOf(channelId: string): string {
  return `${channelId}-announcement`;
}
