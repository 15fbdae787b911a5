/** The reads of one turn of the event loop go to PostgreSQL together: equal queries as one statement. */
import type { CompiledQuery, Kysely } from 'kysely';
import { bindable } from '../bindable';
import { DatabaseRefusal, type BindValue, type QueryOutcome, type Session } from '../port';
import type { Database } from '../schema';
import { mayTryAgain, newPatience, type Connections } from './connections';
import { isPassing, isTooSlow, toPortError } from './failures';
import { askForMany, type Row } from './set-based';

interface PendingRead {
  values: BindValue[];
  resolve: (rows: Row[]) => void;
  reject: (error: unknown) => void;
}

/** The reads see what is committed when they run. */
export class GroupedReads implements Session {
  private byText = new Map<string, PendingRead[]>();

  constructor(
    readonly builder: Kysely<Database>,
    private readonly connections: Connections,
  ) {}

  async run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>> {
    const rows = (await this.enqueue(query)) as Row[];
    return { rows, changes: rows.length };
  }

  async first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined> {
    return (await this.enqueue(query))[0] as Row | undefined;
  }

  private enqueue({ sql, parameters }: CompiledQuery): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const read = { values: parameters.map(bindable), resolve, reject };
      if (this.byText.size === 0) {
        setImmediate(() => {
          this.flush();
        });
      }
      const group = this.byText.get(sql);
      if (group === undefined) this.byText.set(sql, [read]);
      else group.push(read);
    });
  }

  private flush(): void {
    const groups = this.byText;
    this.byText = new Map();
    for (const [text, reads] of groups) void this.readGroup(text, reads);
  }

  private async readGroup(text: string, reads: PendingRead[]): Promise<void> {
    const askers = reads.map(({ values }) => values);
    try {
      const outcomes = await askForMany(text, askers, (asked, values) => this.query(asked, values));
      reads.forEach(({ resolve }, index) => {
        resolve(outcomes[index]?.rows ?? []);
      });
    } catch (error) {
      // A database that does not answer would let each of them wait once more.
      const isAway = error instanceof DatabaseRefusal && !isTooSlow(error);
      if (isAway || reads.length === 1) for (const { reject } of reads) reject(error);
      // Each gets its own answer, or its own error.
      else await Promise.all(reads.map((read) => this.readAlone(text, read)));
    }
  }

  private async readAlone(text: string, { values, resolve, reject }: PendingRead): Promise<void> {
    try {
      resolve((await this.query(text, values)).rows);
    } catch (error) {
      reject(error);
    }
  }

  /** A read changes nothing, so one whose connection broke is made again. */
  private async query(text: string, values: readonly unknown[]): Promise<QueryOutcome<Row>> {
    const patience = newPatience();
    for (;;) {
      try {
        const { rows } = await this.connections.use(
          patience,
          (client) => this.connections.execute(client, text, values),
          'read',
        );
        return { rows, changes: rows.length };
      } catch (error) {
        if (!isPassing(error) || !(await mayTryAgain(patience))) throw toPortError(error);
      }
    }
  }
}
