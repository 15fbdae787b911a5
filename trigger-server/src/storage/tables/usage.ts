/** Dispositions of an organization's calls that are not built in. */
export interface DispositionCodeTable {
  organization_id: number;
  code: string;
}
