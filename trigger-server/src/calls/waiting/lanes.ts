/** The lanes of the queue: see `RunTable.lane`. Those of campaigns are in `campaign-limits/rooms.ts`. */

/** Calls of one key are placed in order, and keys in turns. @param apiKeyId null: of the sessions of the organization. */
export function laneOf(organizationId: number, apiKeyId: number | null): string {
  return apiKeyId === null ? `organization ${String(organizationId)}` : `key ${String(apiKeyId)}`;
}
