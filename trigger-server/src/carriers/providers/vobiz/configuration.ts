/** The settings of a Vobiz account. Source: https://docs.vobiz.ai/api-reference/authentication. */
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

export const configuration = z.object({
  auth_id: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'The Auth ID has letters, digits and underscores, such as MA_XXXXXXXX')
    .meta(
      field({
        label: 'Auth ID',
        secret: true,
        description: 'Shown in the Vobiz console under Voice Applications.',
        placeholder: 'MA_XXXXXXXX',
      }),
    ),
  auth_token: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,200}$/, 'At most 200 printable characters, without spaces')
    .meta(
      field({
        label: 'Auth Token',
        secret: true,
        description: 'Beside the Auth ID. Vobiz signs its callbacks with it.',
      }),
    ),
  amd_enabled: z
    .boolean()
    .default(false)
    .meta(
      field({
        label: 'Detect answering machines',
        description:
          'Vobiz tells during the call whether a person or a machine answered, and may charge for it.',
      }),
    ),
  calls_per_second: paceField('no limit of ours.'),
});

export type VobizConfiguration = z.output<typeof configuration>;
