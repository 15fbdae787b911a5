/** The platform's typings name node-fetch's headers but do not bring their types. */
declare module 'node-fetch' {
  export interface Headers extends Iterable<[string, string]> {
    get(name: string): string | null;
  }
}
