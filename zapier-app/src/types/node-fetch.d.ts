/** The platform's typings refer to node-fetch's Headers, but its types are not installed. */
declare module 'node-fetch' {
  export interface Headers extends Iterable<[string, string]> {
    get(name: string): string | null;
  }
}
