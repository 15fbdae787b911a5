/** The audit trail: what people, API keys and the commands of the operator have changed. */
import * as z from 'zod';
import { timestamp } from './json';

/** Each begins with the kind of thing that was changed. Words may be added, but never changed. */
export const auditActions = [
  'agent.created',
  'agent.changed',
  'agent.published',
  'agent.archived',
  'agent.restored',
  'api_key.created',
  'api_key.archived',
  'api_key.reactivated',
  'campaign.created',
  'campaign.changed',
  'campaign.started',
  'campaign.paused',
  'campaign.resumed',
  'credential.created',
  'credential.changed',
  'credential.deleted',
  'destination_policy.changed',
  'do_not_call.added',
  'do_not_call.exported',
  'do_not_call.imported',
  'do_not_call.removed',
  'hook.created',
  'hook.deleted',
  'hook.refused',
  'model_configuration.changed',
  'model_configuration.removed',
  'phone_number.created',
  'phone_number.changed',
  'phone_number.made_default',
  'phone_number.deleted',
  'queue.canceled',
  'retention.applied',
  'retention.changed',
  'run.erased',
  'runs.exported',
  'runs.pruned',
  'sign_in_link.created',
  'telephony_configuration.created',
  'telephony_configuration.changed',
  'telephony_configuration.made_default',
  'telephony_configuration.reactivated',
  'telephony_configuration.deleted',
  'tool.created',
  'tool.changed',
  'tool.archived',
  'tool.restored',
  'trigger.enabled',
  'trigger.disabled',
  'user.created',
  'user.signed_in',
  'user.sign_in_failed',
  'user.signed_out',
  'user.password_changed',
  'webhook_secret.rotated',
] as const;
export type AuditAction = (typeof auditActions)[number];

export const auditEntry = z
  .object({
    id: z.int(),
    at: timestamp,
    action: z.enum(auditActions),
    subject_id: z.string().nullable().meta({
      description: 'The id of what was changed. Null where an organization has one of its kind only.',
      example: '1',
    }),
    changed: z.array(z.string()).meta({
      description:
        'The names of the fields that were changed, without their values. Of what retention has removed, or of calls that were canceled together: how much of each kind, such as `runs: 12`.',
      example: ['name'],
    }),
    user: z
      .object({ id: z.int(), email: z.string() })
      .nullable()
      .meta({ description: 'Who did it by a session. Of a failed sign-in: whose account it is.' }),
    key: z.object({ id: z.int(), name: z.string() }).nullable().meta({ description: 'The key that did it.' }),
    command: z.string().nullable().meta({
      description: 'The command of `npm run admin` that did it.',
      example: 'create-key',
    }),
    request_id: z
      .string()
      .nullable()
      .meta({ description: 'The id of the request, as in the log of the server.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditPage = z
  .object({
    entries: z.array(auditEntry),
    next_before: z.int().nullable().meta({
      description: 'Send it as `before` to read the next page. Null: this is the last page.',
    }),
  })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof auditPage>;
