/** What was checked, and the faults found there, each with what to do. */
export interface Finding {
  about: string;
  wrong: string[];
  /** Why it could not be checked. It may be well. */
  unchecked?: string | null;
}
