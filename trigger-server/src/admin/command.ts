/** The form of a command of `npm run admin`. */
import type { Config } from '../config';

export interface Command {
  /** The line in the list of commands. */
  summary: string;
  /** The flags of the command, such as `--lost-key` or, with a value, `--email <address>`, each with its description. */
  flags: Readonly<Record<string, string>>;
  /**
   * @param flags the given flags by name (`--email`), each with its value; a flag without one has an empty value.
   * @param print prints one line.
   * @returns the exit code: 0 for success.
   * @throws Error with a text for people.
   */
  run(config: Config, flags: ReadonlyMap<string, string>, print: (line: string) => void): Promise<number>;
}
