/** Which values a query may bind, on every database. */
import type { BindValue } from './port';

/**
 * libsql aborts the whole process on a bound boolean and reads text only up to a NUL; PostgreSQL refuses a NUL. Half a
 * surrogate pair would be stored as another character.
 * @throws TypeError for a value that a database would refuse, cut or change.
 */
export function bindable(value: unknown): BindValue {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'string' && !value.includes('\0') && value.isWellFormed()) return value;
  throw new TypeError(`A ${typeof value} that this database cannot store was bound to a query`);
}
