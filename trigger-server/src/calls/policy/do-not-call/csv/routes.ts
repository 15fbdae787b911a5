import { doNotCallImport } from '@dograh-trigger/shared';
import { recordAudit } from '../../../../audit/audit';
import { route, streamedReply, StreamedReply, type Route } from '../../../../http/route';
import type { Services } from '../../../../services';
import { openExport } from './export';
import { importNumbers } from './import';

const file = { path: '/organizations/do-not-call/csv', tag: 'Organizations', auth: 'member' } as const;

export function doNotCallFileRoutes(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'deliveryAlarm'>,
): Route[] {
  if (!services.config.extensions.has('do-not-call')) return [];
  return [
    route({
      ...file,
      method: 'get',
      scope: 'read',
      summary: 'The do-not-call list as CSV',
      description:
        'The columns are number, source, reason, until, run_id and added_at. Entries that have ended are among them. Only where /health lists do-not-call.',
      streams: ['text/csv'],
      reply: streamedReply,
      successHeaders: { 'Content-Disposition': 'A file name: `do-not-call.csv`.' },
      handle: async ({ method }, identity) => {
        // HEAD gets no rows.
        if (method === 'GET') {
          await services.storage.write((session) =>
            recordAudit(services, session, identity, { action: 'do_not_call.exported' }),
          );
        }
        return new StreamedReply(
          'text/csv; charset=utf-8',
          () => openExport(services, identity.organizationId),
          { headers: { 'Content-Disposition': 'attachment; filename="do-not-call.csv"' } },
        );
      },
    }),
    route({
      ...file,
      method: 'post',
      scope: 'trigger',
      summary: 'Add the numbers of a CSV file to the do-not-call list',
      description:
        'The first row names the columns: number (or phone, phone_number, telephone, mobile), and where the file has them source, reason and until. A file with nothing but numbers needs no such row. Numbers need their country code. Each row is added as by `PUT`, so a file that is sent twice changes nothing the second time, and queued calls to its numbers end. Rows are added while the file arrives; one that cannot be added is skipped, and the reply says why.',
      upload: {
        contentType: 'text/csv',
        example:
          'number,source,reason,until\n+14155550100,support desk,Asked by e-mail,\n+442079460000,,,2099-01-31T00:00:00Z\n',
        limit: null,
      },
      reply: doNotCallImport,
      refusals: {
        422: 'The file cannot be read (any further): the words say where, and how many rows were read before.',
      },
      handle: ({ upload }, identity) => importNumbers(services, identity, upload),
    }),
  ];
}
