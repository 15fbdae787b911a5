import type { ToolStatus, ToolType } from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

/** What a language model may do in the middle of a call. Tools are archived, and never deleted. */
export interface ToolTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  name: string;
  description: string | null;
  /** The type of its first definition. */
  category: ToolType;
  icon: string;
  icon_color: string;
  status: ToolStatus;
  /** The user who made it; null: a key without a user. */
  created_by: number | null;
  created_at: string;
  updated_at: string | null;
  /** A `ToolDefinition` as JSON. It holds no secret: those are in stored credentials. */
  definition: string;
}

/** Which language model an organization has configured for its conversations. */
export interface ModelConfigurationTable {
  id: Generated<number>;
  organization_id: number;
  /** `ModelConfiguration` as JSON, with its keys, sealed. */
  configuration: string;
  updated_at: string;
}
