/** What a command of `npm run admin` is. */
import type { Config } from '../config';

export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** Flags that it takes, such as `--lost-key`, each with what it does. */
  flags: Readonly<Record<string, string>>;
  /**
   * @param print writes one line for people.
   * @returns the exit code: 0 when all is well.
   * @throws Error in words.
   */
  run(config: Config, flags: ReadonlySet<string>, print: (line: string) => void): Promise<number>;
}
