/** Converts values that were read from columns. */
import type { JsonObject } from '@dograh-trigger/shared';

/** The id that an insert returned. */
export function insertedId(row: { id: number } | undefined): number {
  if (row === undefined) throw new Error('The database returned no id for a new row');
  return row.id;
}

/** Parses a JSON object that is stored as text. */
export function parseObject(text: string | null): JsonObject | null {
  return text === null ? null : (JSON.parse(text) as JsonObject);
}
