/** The query parameters of lists of runs. */
import * as z from 'zod';
import { integerQuery } from '../http/parameters';
import { filterMeantBy, type List } from './filters';
import { readInstant } from './instants';

const filters = z
  .string()
  // Deeper JSON than fits into this could not be given back.
  .max(4_000)
  .optional()
  .meta({
    example: '[{"attribute":"dispositionCode","type":"multiSelect","value":{"codes":["busy","no-answer"]}}]',
  });

const pageQuery = {
  page: integerQuery(1, 1_000_000, 1),
  limit: integerQuery(1, 100, 50),
  filters,
  cursor: z.string().optional(),
};

/** An empty date is none. */
const instantQuery = z
  .string()
  .transform((text, context) => {
    if (text === '') return undefined;
    const instant = readInstant(text);
    if (instant === undefined) context.addIssue('Input should be a date and time after ISO 8601');
    return instant;
  })
  .optional()
  .meta({ example: '2026-04-01T00:00:00Z' });

const usageQuery = { start_date: instantQuery, end_date: instantQuery, filters };

const sortOrder = z
  .string()
  .regex(/^(?:asc|desc)$/, "String should match pattern '^(asc|desc)$'")
  .default('desc')
  .transform(orderOf);

const strictOrder = {
  sort_by: z.enum(['created_at', 'duration']).default('created_at'),
  sort_order: sortOrder,
};

const tolerantSortBy = z
  .string()
  .optional()
  .transform((name) => (name === 'duration' ? 'duration' : 'created_at'));

/** What Dograh does not know sorts there by the default. */
const tolerantOrders = {
  agent: { sort_by: tolerantSortBy, sort_order: z.string().default('desc').transform(orderOf) },
  organization: { sort_by: tolerantSortBy, sort_order: sortOrder },
};

function orderOf(text: string): 'asc' | 'desc' {
  return text === 'asc' ? 'asc' : 'desc';
}

/** A query that refuses the name of a filter: as a parameter it would leave every call in the list. */
function strictQuery<Shape extends z.ZodRawShape>(shape: Shape, list: List) {
  return z.looseObject(shape).superRefine((query, context) => {
    for (const name of Object.keys(query)) {
      const meant = Object.hasOwn(shape, name) ? undefined : filterMeantBy(name, list);
      if (meant === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `There is no such parameter: send ${meant}`,
      });
    }
  });
}

/** @param isStrict whether what would be passed over is refused; plain Dograh passes over it. */
export function listQueries(isStrict: boolean) {
  const queryOf = <Shape extends z.ZodRawShape>(shape: Shape, list: List) =>
    isStrict ? strictQuery(shape, list) : z.object(shape);
  const orderOfList = (list: List) => (isStrict ? strictOrder : tolerantOrders[list]);
  return {
    agent: queryOf({ ...pageQuery, ...orderOfList('agent') }, 'agent'),
    organization: queryOf({ ...usageQuery, ...pageQuery, ...orderOfList('organization') }, 'organization'),
    report: queryOf(usageQuery, 'organization'),
  };
}
