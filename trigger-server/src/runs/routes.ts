import { run, runPage } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { listRuns, readRun } from './runs';

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
      auth: 'member',
      params: z.object({ workflow_id: idParameter }),
      notFound: 'Workflow with id {workflow_id} not found',
      query: z.object({
        page: integerQuery(1, 1_000_000, 1),
        limit: integerQuery(1, 100, 50),
        sort_order: z.string().default('desc'),
      }),
      reply: runPage,
      handle: ({ params, query }, identity) =>
        listRuns(services, identity.organizationId, {
          agentId: params.workflow_id,
          page: query.page,
          limit: query.limit,
          order: query.sort_order === 'asc' ? 'asc' : 'desc',
        }),
    }),
  ];
}
