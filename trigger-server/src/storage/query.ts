/**
 * Queries that are compiled once and run many times. Building and compiling a Kysely query costs more than running it,
 * so a store declares its queries at module level, with named parameters.
 */
import { sql, type Compilable, type CompiledQuery, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from './schema';
import type { BindValue, Session } from './port';

/** A placeholder in a compiled query for a value that each run supplies. */
class NamedParameter {
  constructor(readonly name: string) {}
}

/**
 * Creates a named parameter of a query: `param('id')`. It is an interface so that `Arguments` can be inferred from it.
 */
export interface ParameterMaker<Arguments> {
  <Name extends keyof Arguments & string>(name: Name): RawBuilder<Arguments[Name]>;
}

export interface Query<Arguments, Row> {
  all(session: Session, values: Arguments): Promise<Row[]>;
  /** The first row, or undefined. */
  first(session: Session, values: Arguments): Promise<Row | undefined>;
  /** How many rows the update or delete changed. */
  changes(session: Session, values: Arguments): Promise<number>;
}

/** Declares a query: `query((db, param: ParameterMaker<{ id: number }>) => db.selectFrom(…).where('id', '=', param('id')))`. */
export function query<Arguments extends Record<string, BindValue>, Row>(
  build: (db: Kysely<Database>, param: ParameterMaker<Arguments>) => Compilable<Row>,
): Query<Arguments, Row> {
  let compiled: CompiledQuery<Row> | undefined;
  let compiledFor: Kysely<Database> | undefined;

  function bind(session: Session, values: Arguments): CompiledQuery<Row> {
    if (compiled === undefined || compiledFor !== session.builder) {
      compiled = build(session.builder, (name) => sql`${new NamedParameter(name)}`).compile();
      compiledFor = session.builder;
    }
    const parameters = compiled.parameters.map((value) =>
      value instanceof NamedParameter ? values[value.name] : value,
    );
    return { query: compiled.query, queryId: compiled.queryId, sql: compiled.sql, parameters };
  }

  return {
    all: async (session, values) => (await session.run(bind(session, values))).rows,
    first: (session, values) => session.first(bind(session, values)),
    changes: async (session, values) => (await session.run(bind(session, values))).changes,
  };
}
