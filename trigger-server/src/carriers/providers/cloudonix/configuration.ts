/**
 * The settings of a Cloudonix domain: https://developers.cloudonix.com/Documentation/apiSecurity (tokens and their
 * scopes) and https://developers.cloudonix.com/cloudonixRestOpenAPI
 */
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

/** Every domain is a subdomain of this zone. Users know theirs by the first part. */
const zone = 'cloudonix.net';

export const configuration = z.object({
  bearer_token: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,500}$/, 'A token has no spaces and at most 500 characters')
    .meta(
      field({
        label: 'API key',
        secret: true,
        placeholder: 'XI…',
        description: 'An API key of the domain, or of the customer that it belongs to.',
      }),
    ),
  domain_id: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9](?:[a-z0-9.-]{0,198}[a-z0-9])?$/, 'A domain is a name such as example.cloudonix.net')
    .overwrite((domain) => (domain.includes('.') ? domain : `${domain}.${zone}`))
    .meta(
      field({
        label: 'Domain',
        placeholder: `example.${zone}`,
        description: `A name without a dot gets .${zone}.`,
      }),
    ),
  trunk: z
    .string()
    .trim()
    .max(200)
    .regex(/^\P{Cc}*$/u, 'The name of a trunk is one line of text')
    .optional()
    .meta(
      field({
        label: 'Trunk',
        description:
          'The name of the trunk to call through. Empty: Cloudonix chooses by the domain’s routing.',
      }),
    ),
  calls_per_second: paceField('no limit of ours.'),
});

export type Configuration = z.output<typeof configuration>;
