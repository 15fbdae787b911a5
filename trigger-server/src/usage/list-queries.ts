/** Query parameters of the lists of runs. */
import { timeZone } from '@dograh-trigger/shared';
import * as z from 'zod';
import { integerQuery } from '../http/parameters';
import { filterMeantBy, type List } from './filters';
import { readInstant } from './instants';

const filters = z
  .string()
  // Limits the depth of the JSON: `applied_filters` returns it, and zod's JSON schema is recursive.
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

/** An empty date counts as missing. */
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

const zoneQuery = timeZone
  .default('UTC')
  .meta({ description: 'Where the days begin.', example: 'Europe/Berlin' });

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

/** In plain Dograh, an unknown sort order means the default one. */
const tolerantOrders = {
  agent: { sort_by: tolerantSortBy, sort_order: z.string().default('desc').transform(orderOf) },
  organization: { sort_by: tolerantSortBy, sort_order: sortOrder },
};

function orderOf(text: string): 'asc' | 'desc' {
  return text === 'asc' ? 'asc' : 'desc';
}

/** Refuses a filter's name as a query parameter: it would be ignored, and the list would hold every call. */
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

/** @param isStrict whether parameters that would be ignored are refused; plain Dograh ignores them. */
export function listQueries(isStrict: boolean) {
  const queryOf = <Shape extends z.ZodRawShape>(shape: Shape, list: List) =>
    isStrict ? strictQuery(shape, list) : z.object(shape);
  const orderOfList = (list: List) => (isStrict ? strictOrder : tolerantOrders[list]);
  return {
    agent: queryOf({ ...pageQuery, ...orderOfList('agent') }, 'agent'),
    organization: queryOf({ ...usageQuery, ...pageQuery, ...orderOfList('organization') }, 'organization'),
    report: queryOf(usageQuery, 'organization'),
    campaignReport: z.object({ start_date: instantQuery, end_date: instantQuery }),
    summary: queryOf({ ...usageQuery, time_zone: zoneQuery }, 'organization'),
  };
}
