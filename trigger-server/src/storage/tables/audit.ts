import type { AuditAction } from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

/**
 * What was changed, and by whom. Triggers of the database refuse to change or delete a row, so a row must hold nothing
 * that may have to be erased: no phone number, no context, no value of a field.
 */
export interface AuditTable {
  id: Generated<number>;
  organization_id: number;
  at: string;
  action: AuditAction;
  /** The id of what was changed; null where an organization has one of its kind only. */
  subject_id: string | null;
  /** A JSON array of field names; null: none. */
  changed: string | null;
  /** Who did it by a session; null for a key and for a command. */
  user_id: number | null;
  api_key_id: number | null;
  /** The command of `npm run admin`. */
  command: string | null;
  /** The id of the request in the log. */
  request_id: string | null;
}
