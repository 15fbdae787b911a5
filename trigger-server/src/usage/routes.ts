import { dispositionCodes, runPage, usagePage, usageSummary } from '@dograh-trigger/shared';
import * as z from 'zod';
import { recordAudit } from '../audit/audit';
import { idParameter } from '../http/parameters';
import { route, streamedReply, StreamedReply, type Route } from '../http/route';
import type { Services } from '../services';
import { listQueries } from './list-queries';
import { openReport } from './report';
import { summarizeUsage } from './summary';
import { hasExtensions, listAgentRuns, listUsage } from './usage';
import { readDispositionCodes } from './dispositions';

const pagesDescription = `Pages are stable when the \`cursor\` of the first page is sent with the next: calls that came after
it are left out. (A list by duration moves as calls end.) \`filters\` is a JSON array of \`{"attribute", "type", "value"}\`, of
which all hold.`;

const strictDescription = `A filter that cannot be honoured is refused; null, an empty text and \`all\` filter nothing.
Query parameters that nobody knows are named in the header \`Ignored-Fields\`. \`status\` takes Dograh's words, of which
\`completed\` means every call that has ended, and the other statuses of a run: \`{"attribute":"status","type":"radio",
"value":{"status":"busy"}}\`. Statuses alone, several at once: \`"type":"multiSelect","value":{"codes":["completed","busy"]}\`.`;

export function usageRoutes(services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>): Route[] {
  const isStrict = hasExtensions(services);
  const listDescription = isStrict ? `${pagesDescription} ${strictDescription}` : pagesDescription;
  const queries = listQueries(isStrict);
  const refusals = {
    400: 'The filters are no JSON array of objects.',
    422: 'A parameter is not valid, or a filter cannot be honoured: `loc` says which, and `msg` what is right.',
  };
  return [
    route({
      method: 'get',
      scope: 'read',
      path: '/workflow/{workflow_id}/runs',
      tag: 'Runs',
      summary: 'The runs of one agent, newest first',
      description: `${listDescription} Attributes here: \`dateRange\`, \`dispositionCode\`, \`duration\`, \`status\`, \`tokenUsage\`.`,
      auth: 'member',
      params: z.object({ workflow_id: idParameter }),
      notFound: 'Workflow with id {workflow_id} not found',
      query: queries.agent,
      reply: runPage,
      refusals: {
        ...refusals,
        403: 'There is no filter by this attribute here.',
      },
      handle: ({ params, query }, identity) =>
        listAgentRuns(services, identity.organizationId, params.workflow_id, {
          page: query.page,
          limit: query.limit,
          filters: query.filters,
          sortBy: query.sort_by,
          order: query.sort_order,
          cursor: query.cursor,
        }),
    }),
    route({
      method: 'get',
      scope: 'any',
      path: '/organizations/usage/runs',
      tag: 'Runs',
      summary: 'The runs of the whole organization, newest first',
      description: `${listDescription} Attributes here: \`runId\`, \`workflowId\`, \`callerNumber\`, \`calledNumber\`,
\`dispositionCode\`, \`duration\`, \`callDirection\`, \`callChannel\`, \`campaignId\`${isStrict ? ', those of an agent’s list, `source`, `apiKeyId`, `reference` (the whole of it) and `text` (in a run’s name or numbers, or its id)' : ''}. A call that has not ended has no disposition. A key with the scope \`trigger\` lists the calls that it placed.`,
      auth: 'member',
      query: queries.organization,
      reply: usagePage,
      refusals,
      handle: ({ query }, identity) =>
        listUsage(services, identity, {
          page: query.page,
          limit: query.limit,
          startDate: query.start_date,
          endDate: query.end_date,
          filters: query.filters,
          sortBy: query.sort_by,
          order: query.sort_order,
          cursor: query.cursor,
        }),
    }),
    route({
      method: 'get',
      scope: 'read',
      path: '/organizations/usage/runs/report',
      tag: 'Runs',
      summary: 'The same runs as a CSV file',
      description:
        'Written while it is read, however long it is; a report that could not be finished breaks off. Phone numbers are E.164, with their plus sign. Text that a spreadsheet would take for a formula begins with an apostrophe. The last two columns, which Dograh does not have, are the extracted variables as JSON and the transcript of both speakers, up to 32,000 characters.',
      auth: 'member',
      query: queries.report,
      reply: streamedReply,
      streams: ['text/csv'],
      successHeaders: { 'Content-Disposition': 'A file name: `usage_runs_20261123_120000.csv`.' },
      refusals,
      handle: async ({ query, method }, identity) => {
        const { fileName, open } = openReport(services, identity.organizationId, {
          startDate: query.start_date,
          endDate: query.end_date,
          filters: query.filters,
        });
        const headers = { 'Content-Disposition': `attachment; filename="${fileName}"` };
        // HEAD gets no rows.
        if (method === 'GET') {
          await services.storage.write((session) =>
            recordAudit(services, session, identity, { action: 'runs.exported' }),
          );
        }
        return new StreamedReply('text/csv; charset=utf-8', open, { headers });
      },
    }),
    route({
      method: 'get',
      scope: 'read',
      path: '/organizations/usage/summary',
      tag: 'Runs',
      summary: 'How many runs that list has, by outcome and by day',
      description:
        'With the same filters. Every run of the list is counted, so a range of dates makes it faster.',
      auth: 'member',
      query: queries.summary,
      reply: usageSummary,
      refusals,
      handle: ({ query }, identity) =>
        summarizeUsage(services, identity.organizationId, {
          startDate: query.start_date,
          endDate: query.end_date,
          filters: query.filters,
          timeZone: query.time_zone,
        }),
    }),
    route({
      method: 'get',
      scope: 'read',
      path: '/organizations/disposition-codes',
      tag: 'Runs',
      summary: 'The words that calls end with',
      auth: 'member',
      reply: dispositionCodes,
      handle: (_, identity) => readDispositionCodes(services, identity.organizationId),
    }),
  ];
}
