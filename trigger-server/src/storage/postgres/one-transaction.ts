/**
 * Several writes in one transaction, in step: each asks its next query, equal queries go to PostgreSQL as one statement,
 * all get their answers, and so on. Of two writes that need the same lock, one waits until the other has ended.
 */
import type { CompiledQuery, Kysely } from 'kysely';
import { bindable } from '../bindable';
import type { BindValue, Counter, LockName, QueryOutcome, Settled, WriteSession } from '../port';
import type { Database } from '../schema';
import { isPassing, toPortError } from './failures';
import { askForMany, type Ask, type Row } from './set-based';

export type Body = (session: WriteSession) => Promise<unknown>;

/**
 * The transaction cannot be committed: a query failed, or a write failed after it had changed something.
 * @property offender the place of the write that failed; null: it is not known which one did.
 */
export class SpoiltError extends Error {
  constructor(
    readonly offender: number | null,
    cause: unknown,
  ) {
    super('A write spoilt the transaction that it shared', { cause });
  }
}

interface Question {
  member: Member;
  text: string;
  values: BindValue[];
  resolve: (outcome: QueryOutcome<Row>) => void;
}

interface LockQuestion {
  name: LockName;
  id: number;
  resolve: () => void;
}

interface HeldLock {
  holder: Member;
  waiting: { member: Member; resolve: () => void }[];
}

/** In the order in which they are taken. */
const lockNumbers: Record<LockName, number> = { organization: 1, run: 2 };
/** Sorted, so that two transactions take them in the same order. */
const lockStatement =
  'select pg_advisory_xact_lock(name, id) from (select name, id from unnest($1::int[], $2::int[]) as asked(name, id) order by name, id) as sorted';

const late = 'A query came after its write was settled';
const idle = 'A write awaited something other than its own queries; it was rolled back';

/**
 * Runs the writes in the open transaction.
 * @returns the outcome of each. One that failed before it changed anything does no harm to the others.
 * @throws SpoiltError; an error that may pass, such as a lost connection, as it is.
 */
export async function settleTogether(
  builder: Kysely<Database>,
  ask: Ask,
  bodies: readonly Body[],
): Promise<Settled<unknown>[]> {
  const company = new Company(builder, ask, bodies);
  try {
    return await company.settle();
  } catch (error) {
    company.dismiss();
    throw error;
  }
}

class Company {
  private readonly members: Member[];
  private questions: Question[] = [];
  private lockQuestions: LockQuestion[] = [];
  private readonly locks = new Map<string, HeldLock>();
  /** Of a query of the only member, which may translate it. */
  private failure: { error: unknown } | null = null;

  constructor(
    readonly builder: Kysely<Database>,
    private readonly ask: Ask,
    bodies: readonly Body[],
  ) {
    this.members = bodies.map((body) => new Member(this, body));
  }

  async settle(): Promise<Settled<unknown>[]> {
    for (const member of this.members) member.start();
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      // A write goes on in the same turn of the event loop: it asks its next query, or it ends.
      for (const member of this.members) member.refuseIfIdle();
      this.assertSound();
      const outcomes = this.members.flatMap(({ outcome }) => outcome ?? []);
      if (outcomes.length < this.members.length) await this.answer();
      else {
        await this.addToCounters();
        return outcomes;
      }
    }
  }

  /** Ends all writes: their transaction is rolled back. */
  dismiss(): void {
    for (const member of this.members) member.dismiss(new Error('The transaction was rolled back'));
  }

  askQuery(question: Question): void {
    this.questions.push(question);
  }

  askLock(member: Member, name: LockName, id: number, resolve: () => void): void {
    const key = `${name} ${id}`;
    const lock = this.locks.get(key);
    if (lock === undefined) {
      this.locks.set(key, { holder: member, waiting: [] });
      this.lockQuestions.push({ name, id, resolve });
    } else if (lock.holder === member) resolve();
    else lock.waiting.push({ member, resolve });
  }

  /** Passes the locks of a write that has ended to those that wait for them. */
  passLocksOn(from: Member): void {
    for (const lock of this.locks.values()) {
      if (lock.holder !== from) continue;
      const next = lock.waiting.shift();
      if (next === undefined) continue;
      lock.holder = next.member;
      next.resolve();
    }
  }

  private assertSound(): void {
    const offender = this.members.findIndex(({ outcome, hasWritten }) => outcome?.ok === false && hasWritten);
    const outcome = this.members[Math.max(offender, 0)]?.outcome;
    if (offender >= 0 && outcome?.ok === false) throw new SpoiltError(offender, outcome.error);
    if (this.failure !== null && outcome != null)
      throw new SpoiltError(0, outcome.ok ? this.failure.error : outcome.error);
  }

  private async answer(): Promise<void> {
    const { lockQuestions, questions } = this;
    this.lockQuestions = [];
    this.questions = [];
    if (lockQuestions.length === 0 && questions.length === 0) {
      throw new SpoiltError(null, new Error('Two writes took their locks in different orders'));
    }
    // All are answered at once, so that they ask their next queries together.
    const answers: (() => void)[] = [];
    if (lockQuestions.length > 0) {
      await this.lockAll(lockQuestions);
      answers.push(...lockQuestions.map(({ resolve }) => resolve));
    }
    for (const [text, group] of byText(questions)) {
      const outcomes = await this.query(text, group);
      if (outcomes === null) return;
      group.forEach(({ resolve }, index) => {
        const outcome = outcomes[index] ?? { rows: [], changes: 0 };
        answers.push(() => {
          resolve(outcome);
        });
      });
    }
    for (const answer of answers) answer();
  }

  /**
   * Rows are locked in the order of their tables' names (agents, campaigns, organizations) and then of their ids, so that two
   * transactions do not wait for each other.
   */
  private async addToCounters(): Promise<void> {
    const counters = [...sumsOf(this.members)].sort(([one], [other]) => (one.table < other.table ? -1 : 1));
    for (const [counter, sums] of counters) {
      const ids = [...sums.keys()];
      const amounts = counter.columns.map((_, index) => ids.map((id) => sums.get(id)?.[index] ?? 0));
      try {
        await this.ask(addToMany(counter), [...amounts, ids]);
      } catch (error) {
        throw isPassing(error) ? error : new SpoiltError(null, toPortError(error));
      }
    }
  }

  private async lockAll(locks: readonly LockQuestion[]): Promise<void> {
    const values = [locks.map(({ name }) => lockNumbers[name]), locks.map(({ id }) => id)];
    try {
      await this.ask(lockStatement, values);
    } catch (error) {
      throw isPassing(error) ? error : new SpoiltError(null, toPortError(error));
    }
  }

  /** @returns null when the query of the only write failed, which has been told. */
  private async query(text: string, group: readonly Question[]): Promise<QueryOutcome<Row>[] | null> {
    let outcomes: QueryOutcome<Row>[];
    try {
      outcomes = await askForMany(
        text,
        group.map(({ values }) => values),
        this.ask,
      );
    } catch (error) {
      if (isPassing(error)) throw error;
      const failure = toPortError(error);
      const [first] = group;
      if (this.members.length > 1 || first === undefined) {
        throw new SpoiltError(
          group.length === 1 && first !== undefined ? this.members.indexOf(first.member) : null,
          failure,
        );
      }
      this.failure ??= { error: failure };
      first.member.reject(failure);
      return null;
    }
    group.forEach(({ member }, index) => {
      member.hasWritten ||= !text.startsWith('select ') && (outcomes[index]?.changes ?? 0) > 0;
    });
    return outcomes;
  }
}

/**
 * The statement that adds to a counter of several rows. It locks them in the order of their ids.
 * @returns its text. The parameters are arrays: the amounts of each column, then the ids.
 */
function addToMany({ table, columns }: Counter): string {
  const names = columns.map((_, index) => `amount_${index + 1}`);
  const sums = columns.map((column, index) => `"${column}" = "${column}" + asked.amount_${index + 1}`);
  const arrays = [...names, 'id'].map((_, index) => `$${index + 1}::bigint[]`);
  return (
    `with locked as (select id from "${table}" where id = any($${arrays.length}::bigint[]) order by id for no key update) ` +
    `update "${table}" as counted set ${sums.join(', ')} from locked ` +
    `join unnest(${arrays.join(', ')}) as asked(${[...names, 'id'].join(', ')}) on asked.id = locked.id ` +
    `where counted.id = locked.id`
  );
}

/** @returns for each counter, by the id of its row, what the successful writes add to it. */
function sumsOf(members: readonly Member[]): Map<Counter, Map<number, number[]>> {
  const counters = new Map<Counter, Map<number, number[]>>();
  for (const { outcome, additions } of members) {
    for (const { counter, id, amounts } of outcome?.ok === true ? additions : []) {
      const sums = counters.get(counter) ?? new Map<number, number[]>();
      counters.set(counter, sums);
      const sum = sums.get(id) ?? counter.columns.map(() => 0);
      sums.set(
        id,
        sum.map((value, index) => value + (amounts[index] ?? 0)),
      );
    }
  }
  return counters;
}

function byText(questions: readonly Question[]): Map<string, Question[]> {
  const groups = new Map<string, Question[]>();
  for (const question of questions) {
    const group = groups.get(question.text);
    if (group === undefined) groups.set(question.text, [question]);
    else group.push(question);
  }
  return groups;
}

/** One write, and its session, which refuses queries once the write has ended. */
class Member implements WriteSession {
  outcome: Settled<unknown> | null = null;
  hasWritten = false;
  readonly additions: { counter: Counter; id: number; amounts: readonly number[] }[] = [];
  /** Those who wait for an answer. */
  private readonly waiting = new Set<(error: unknown) => void>();

  constructor(
    private readonly company: Company,
    private readonly body: Body,
  ) {}

  get builder(): Kysely<Database> {
    return this.company.builder;
  }

  start(): void {
    new Promise((resolve) => {
      resolve(this.body(this));
    }).then(
      (result) => {
        this.end({ ok: true, result });
      },
      (error: unknown) => {
        this.end({ ok: false, error });
      },
    );
  }

  /** A write that awaits anything but its own queries would hold its locks meanwhile. */
  refuseIfIdle(): void {
    if (this.waiting.size === 0) this.end({ ok: false, error: new Error(idle) });
  }

  dismiss(error: Error): void {
    this.end({ ok: false, error });
    this.reject(error);
  }

  /** Answers whatever the write waits for with an error. */
  reject(error: unknown): void {
    for (const reject of this.waiting) reject(error);
    this.waiting.clear();
  }

  run<R>(query: CompiledQuery<R>): Promise<QueryOutcome<R>> {
    return this.awaited((resolve) => {
      const { sql: text, parameters } = query;
      const values = parameters.map(bindable);
      this.company.askQuery({
        member: this,
        text,
        values,
        resolve: (outcome) => {
          resolve(outcome as QueryOutcome<R>);
        },
      });
    });
  }

  async first<R>(query: CompiledQuery<R>): Promise<R | undefined> {
    return (await this.run(query)).rows[0];
  }

  lock(name: LockName, id: number): Promise<void> {
    return this.awaited<undefined>((resolve) => {
      this.company.askLock(this, name, id, () => {
        resolve(undefined);
      });
    });
  }

  add(counter: Counter, id: number, amounts: readonly number[]): Promise<void> {
    if (this.outcome !== null) return Promise.reject(new Error(late));
    this.additions.push({ counter, id, amounts });
    return Promise.resolve();
  }

  private awaited<Answer>(ask: (resolve: (answer: Answer) => void) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.outcome !== null) throw new Error(late);
      this.waiting.add(reject);
      try {
        ask((answer) => {
          this.waiting.delete(reject);
          resolve(answer);
        });
      } catch (error) {
        this.waiting.delete(reject);
        throw error;
      }
    });
  }

  private end(outcome: Settled<unknown>): void {
    if (this.outcome !== null) return;
    this.outcome = outcome;
    this.company.passLocksOn(this);
  }
}
