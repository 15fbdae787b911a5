/** An organization that retention has visited, or whose settings were saved. */
export interface RetentionTable {
  organization_id: number;
  /** `RetentionSettings` as JSON; null: the default. */
  settings: string | null;
  /** When it is visited next, in `Clock.steady` time. While a process visits it: when another one may take over. */
  due_at: string;
  /** The recordings and transcripts of runs that were created before have been removed. Null: of none. */
  artifacts_up_to: string | null;
}
