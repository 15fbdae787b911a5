/** A sealed sample text, one for each key that has sealed something in this database. */
export interface SecretsCanaryTable {
  sealed: string;
}
