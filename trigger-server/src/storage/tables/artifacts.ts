/** A recording that is to be fetched. The row is deleted when the recording is stored or given up. */
export interface AwaitedRecordingTable {
  run_id: number;
  /** Its address at the carrier; null until the carrier reports it. */
  url: string | null;
  /** The number of attempts to fetch it. */
  attempts: number;
  next_attempt_at: string;
}
