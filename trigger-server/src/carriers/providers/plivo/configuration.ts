/** The settings of a Plivo account. Source: https://www.plivo.com/docs/voice/api/overview (Authentication). */
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

export const configuration = z.object({
  auth_id: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'The Auth ID has letters and digits only, such as MAXXXXXXXXXXXXXXXXXX')
    .meta(
      field({
        label: 'Auth ID',
        secret: true,
        description: 'Shown on the overview page of the Plivo console.',
        placeholder: 'MAXXXXXXXXXXXXXXXXXX',
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
        description: 'Beside the Auth ID. Plivo signs its callbacks with it.',
      }),
    ),
  amd_enabled: z
    .boolean()
    .default(false)
    .meta(
      field({
        label: 'Detect answering machines',
        description:
          'Plivo tells during the call whether a person or a machine answered, and may charge for it.',
      }),
    ),
  calls_per_second: paceField('2, as Plivo does unless more was agreed.'),
});

export type PlivoConfiguration = z.output<typeof configuration>;
