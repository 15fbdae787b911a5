/** Which language model an organization has configured for its conversations. */
import type { Generated } from 'kysely';

export interface ModelConfigurationTable {
  id: Generated<number>;
  organization_id: number;
  /** `ModelConfiguration` as JSON, with its keys, sealed. */
  configuration: string;
  updated_at: string;
}
