/**
 * Limits the size of a map that callers can fill.
 * @param most beyond this size, the oldest entry is removed. A Map keeps the order of insertion.
 */
export function forgetOldest<Name>(map: Map<Name, unknown>, most: number): void {
  const oldest = map.keys().next();
  if (map.size > most && oldest.done !== true) map.delete(oldest.value);
}
