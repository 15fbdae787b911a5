/**
 * Keeps a map that callers fill from growing without end.
 * @param most beyond so many entries the one that was put in first is forgotten: a map keeps the order.
 */
export function forgetOldest<Name>(map: Map<Name, unknown>, most: number): void {
  const oldest = map.keys().next();
  if (map.size > most && oldest.done !== true) map.delete(oldest.value);
}
