/** A bounded number at once for each name; the others wait, in the order in which they came. */

interface Line {
  underWay: number;
  waiting: Set<() => void>;
}

export interface Turn {
  /** Resolves when it is one's turn. */
  come: Promise<void>;
  /** Makes room; also for who has waited long enough. */
  leave(): void;
}

export class Turns {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly atOnce: number) {}

  take(name: string): Turn {
    const line = this.#lines.get(name) ?? { underWay: 0, waiting: new Set() };
    this.#lines.set(name, line);
    if (line.underWay < this.atOnce) {
      line.underWay += 1;
      return {
        come: Promise.resolve(),
        leave: () => {
          this.#makeRoom(name, line);
        },
      };
    }
    let begin: () => void = () => undefined;
    const come = new Promise<void>((resolve) => {
      begin = resolve;
    });
    line.waiting.add(begin);
    return {
      come,
      leave: () => {
        if (!line.waiting.delete(begin)) this.#makeRoom(name, line);
      },
    };
  }

  /** The room goes to who has waited longest. */
  #makeRoom(name: string, line: Line): void {
    const [next] = line.waiting;
    if (next !== undefined) {
      line.waiting.delete(next);
      next();
      return;
    }
    line.underWay -= 1;
    if (line.underWay === 0) this.#lines.delete(name);
  }
}
