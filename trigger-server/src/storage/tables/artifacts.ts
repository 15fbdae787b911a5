/** A file that no run names any more. The row is deleted when the file is. */
export interface RemovedFileTable {
  /** Its storage key. */
  key: string;
  due_at: string;
}

/** The recording of a run that was erased or deleted, which is to be deleted at its carrier. The row is deleted when that is done. */
export interface UnwantedRecordingTable {
  run_id: number;
  organization_id: number;
  telephony_configuration_id: number;
  /** Its address at the carrier. */
  url: string;
  /** The number of attempts to delete it. */
  attempts: number;
  next_attempt_at: string;
}

/** A recording that is to be fetched. The row is deleted when the recording is stored or given up. */
export interface AwaitedRecordingTable {
  run_id: number;
  /** Its address at the carrier; null until the carrier reports it. */
  url: string | null;
  /** The number of attempts to fetch it. */
  attempts: number;
  next_attempt_at: string;
}
