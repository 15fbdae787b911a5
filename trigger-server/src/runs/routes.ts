import { run } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { readRun } from './runs';

export function runRoutes(services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>): Route[] {
  return [
    route({
      method: 'get',
      scope: 'any',
      path: '/workflow/{workflow_id}/runs/{run_id}',
      tag: 'Runs',
      summary: 'One run: what came of a call',
      description:
        'The run is found by its own id; `workflow_id` may be any number, 0 for example, as in Dograh. A key with the scope `trigger` reads the runs that it started.',
      auth: 'member',
      params: z.object({ workflow_id: idParameter, run_id: idParameter }),
      notFound: 'Workflow run not found',
      reply: run,
      refusals: { 404: 'There is no such run in this organization.' },
      handle: ({ params }, identity) => readRun(services, identity, params.run_id),
    }),
  ];
}
