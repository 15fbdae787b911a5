/** A list of ids as a parameter. The list has one length, so that a query has one text, however many ids are given. */
import type { RawBuilder } from 'kysely';
import type { ParameterMaker } from './query';

/** The most ids of one query. It bounds how many rows a write deletes, and so how long it holds others up. */
export const mostIds = 20;

export type IdList = Record<`id${number}`, number>;

const names = Array.from({ length: mostIds }, (_, index) => `id${index}` as const);

/** For `where('run_id', 'in', idsOf(param))`. */
export function idsOf(param: ParameterMaker<IdList>): RawBuilder<number>[] {
  return names.map((name) => param(name));
}

/** @param ids at most `mostIds`. Unused places get 0, which is no row's id. */
export function idList(ids: readonly number[]): IdList {
  if (ids.length > mostIds) throw new RangeError(`A list of ids has at most ${String(mostIds)}`);
  return Object.fromEntries(names.map((name, index) => [name, ids[index] ?? 0]));
}
