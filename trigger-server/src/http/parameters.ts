/** Path and query parameters that several routes share. */
import * as z from 'zod';

const largestId = 2 ** 31 - 1;

/** A row id in a path. The largest id is 2^31-1. */
export const idParameter = z
  .string()
  .regex(/^\d{1,10}$/, 'Input should be a valid integer')
  .transform(Number)
  .refine((id) => id <= largestId, 'Input should be a valid integer');

/** A UUID in a path, in lower case as this server writes it. */
export const uuidParameter = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'Input should be a valid UUID');

/** An integer in a query, with its bounds and default. */
export function integerQuery(min: number, max: number, byDefault: number) {
  return z.coerce.number().int().min(min).max(max).default(byDefault);
}
