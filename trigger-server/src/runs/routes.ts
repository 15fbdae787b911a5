import { dispositionCodes, run, runPage, usagePage } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../http/parameters';
import { route, streamedReply, StreamedReply, type Route } from '../http/route';
import type { Services } from '../services';
import { readInstant } from './filters';
import { openReport } from './report';
import { readRun } from './runs';
import { listAgentRuns, listUsage } from './usage';
import { readDispositionCodes } from './usage-dispositions';

const listDescription = `Pages are stable when \`up_to_run_id\` of the first page is sent with the next: calls that came after
it are left out. (A list by duration moves as calls end.) \`filters\` is a JSON array of \`{"attribute", "type", "value"}\`, of
which all hold; an item without its type filters nothing.`;

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
  sort_by: z.string().optional().meta({ description: '`duration`; anything else sorts by `created_at`.' }),
  up_to_run_id: idParameter.optional(),
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

function sortBy(name: string | undefined): 'duration' | 'created_at' {
  return name === 'duration' ? 'duration' : 'created_at';
}

export function runRoutes(services: Services): Route[] {
  return [
    route({
      method: 'get',
      path: '/workflow/{workflow_id}/runs/{run_id}',
      tag: 'Runs',
      summary: 'One run: what came of a call',
      description:
        'The run is found by its own id; `workflow_id` may be any number, 0 for example, as in Dograh.',
      auth: 'member',
      params: z.object({ workflow_id: idParameter, run_id: idParameter }),
      notFound: 'Workflow run not found',
      reply: run,
      refusals: { 404: 'There is no such run in this organization.' },
      handle: ({ params }, identity) => readRun(services, identity.organizationId, params.run_id),
    }),
    route({
      method: 'get',
      path: '/workflow/{workflow_id}/runs',
      tag: 'Runs',
      summary: 'The runs of one agent, newest first',
      description: `${listDescription} Attributes here: \`dateRange\`, \`dispositionCode\`, \`duration\`, \`status\`, \`tokenUsage\`.`,
      auth: 'member',
      params: z.object({ workflow_id: idParameter }),
      notFound: 'Workflow with id {workflow_id} not found',
      query: z.object({ ...pageQuery, sort_order: z.string().default('desc') }),
      reply: runPage,
      refusals: {
        400: 'The filters cannot be read.',
        403: 'There is no filter by this attribute here.',
      },
      handle: ({ params, query }, identity) =>
        listAgentRuns(services, identity.organizationId, params.workflow_id, {
          page: query.page,
          limit: query.limit,
          filters: query.filters,
          sortBy: sortBy(query.sort_by),
          order: query.sort_order === 'asc' ? 'asc' : 'desc',
          upToRunId: query.up_to_run_id ?? null,
        }),
    }),
    route({
      method: 'get',
      path: '/organizations/usage/runs',
      tag: 'Runs',
      summary: 'The runs of the whole organization, newest first',
      description: `${listDescription} Attributes here: \`runId\`, \`workflowId\`, \`callerNumber\`, \`calledNumber\`,
\`dispositionCode\`, \`duration\`, \`callDirection\`, \`callChannel\`, \`campaignId\`. A call that has not ended has no disposition.`,
      auth: 'member',
      query: z.object({
        ...usageQuery,
        ...pageQuery,
        sort_order: z
          .string()
          .regex(/^(?:asc|desc)$/, "String should match pattern '^(asc|desc)$'")
          .default('desc'),
      }),
      reply: usagePage,
      refusals: { 400: 'The filters cannot be read.' },
      handle: ({ query }, identity) =>
        listUsage(services, identity.organizationId, {
          page: query.page,
          limit: query.limit,
          startDate: query.start_date,
          endDate: query.end_date,
          filters: query.filters,
          sortBy: sortBy(query.sort_by),
          order: query.sort_order === 'asc' ? 'asc' : 'desc',
          upToRunId: query.up_to_run_id ?? null,
        }),
    }),
    route({
      method: 'get',
      path: '/organizations/usage/runs/report',
      tag: 'Runs',
      summary: 'The same runs as a CSV file',
      description:
        'Written while it is read, however long it is; a report that could not be finished breaks off. Phone numbers are E.164, with their plus sign. Text that a spreadsheet would take for a formula begins with an apostrophe.',
      auth: 'member',
      query: z.object(usageQuery),
      reply: streamedReply,
      streams: ['text/csv'],
      successHeaders: { 'Content-Disposition': 'A file name: `usage_runs_20261123_120000.csv`.' },
      refusals: { 400: 'The filters cannot be read.' },
      handle: ({ query }, identity) => {
        const { fileName, stream } = openReport(services, identity.organizationId, {
          startDate: query.start_date,
          endDate: query.end_date,
          filters: query.filters,
        });
        const headers = { 'Content-Disposition': `attachment; filename="${fileName}"` };
        return Promise.resolve(new StreamedReply('text/csv; charset=utf-8', stream, { headers }));
      },
    }),
    route({
      method: 'get',
      path: '/organizations/disposition-codes',
      tag: 'Runs',
      summary: 'The words that calls end with',
      auth: 'member',
      reply: dispositionCodes,
      handle: (_, identity) => readDispositionCodes(services, identity.organizationId),
    }),
  ];
}
