/** One step in the schema's history. It is applied once, and never edited after a release. */
export interface Migration {
  /** That of its file: migrations are applied in the order of their numbers. */
  name: string;
  /** @param id the column type of a generated integer key, which is the one place where databases differ. */
  statements(id: string): string[];
}
