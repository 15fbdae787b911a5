import { auditActions, auditPage } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { Services } from '../services';
import { listAudit } from './audit';

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .optional()
  .meta({ example: '2026-11-23T00:00:00Z' });

export function auditRoutes(services: Pick<Services, 'storage'>): Route[] {
  return [
    route({
      method: 'get',
      scope: 'read',
      path: '/organizations/audit',
      tag: 'Organizations',
      summary: 'What people, API keys and the operator have changed, newest first',
      description:
        'Entries are never changed and never deleted. They hold names of fields, but no values. At most 20 failed sign-ins an hour are recorded. Only on the bundled trigger server.',
      auth: 'member',
      query: z.object({
        limit: integerQuery(1, 100, 50),
        before: idParameter.optional().meta({ description: 'Only entries before this one: `next_before`.' }),
        action: z.enum(auditActions).optional(),
        user_id: idParameter.optional().meta({ description: 'Only what this user did by a session.' }),
        api_key_id: idParameter.optional().meta({ description: 'Only what this key did.' }),
        since: instant,
        until: instant,
      }),
      reply: auditPage,
      handle: ({ query }, { organizationId }) =>
        listAudit(
          services,
          {
            organizationId,
            before: query.before,
            action: query.action,
            userId: query.user_id,
            apiKeyId: query.api_key_id,
            since: query.since,
            until: query.until,
          },
          query.limit,
        ),
    }),
  ];
}
