import {
  campaignUpload,
  campaignUploadRequest,
  largestCampaignFile,
  uploadedCampaignFile,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { route, StreamedReply, streamedReply, type Route } from '../../../http/route';
import type { Services } from '../../../services';
import { openFile } from './files';
import { offerUpload, receiveFile } from './upload';

const file = {
  path: '/s3/files/{token}',
  tag: 'Campaigns',
  auth: 'none',
  params: z.object({ token: z.string() }),
} as const;

export function campaignFileRoutes(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets' | 'chance'>,
): Route[] {
  return [
    route({
      method: 'post',
      scope: 'admin',
      path: '/s3/presigned-upload-url',
      tag: 'Campaigns',
      summary: 'Where the file of a campaign is sent to',
      description:
        'The file is CSV in UTF-8 with a column `phone_number`; the other columns become the context of the call. Commas, semicolons and tabs separate. A file that gets no campaign is deleted after a day.',
      auth: 'member',
      body: campaignUploadRequest,
      reply: campaignUpload,
      handle: ({ body, origin }, { organizationId }) =>
        offerUpload(services, organizationId, { fileName: body.file_name, bytes: body.file_size, origin }),
    }),
    route({
      ...file,
      method: 'put',
      summary: 'Send the file of a campaign',
      description:
        'Needs no API key: the URL is its own permission, for one file. The reply says which rows are not called, and why. Where the file is refused, request a new URL.',
      upload: {
        contentType: 'text/csv',
        limit: { bytes: largestCampaignFile, text: '10 MiB' },
        example: 'phone_number,name\r\n+14155550142,Jane\r\n',
      },
      reply: uploadedCampaignFile,
      refusals: {
        400: 'The file is no list of contacts: it has no column phone_number, say, or a quotation mark is never closed.',
        404: 'The URL has expired or was used, or it was never one.',
      },
      handle: ({ params, upload }) => receiveFile(services, params.token, upload),
    }),
    route({
      ...file,
      method: 'get',
      summary: 'Download the file of a campaign',
      description: 'Needs no API key: `download_url` of the campaign opens this file for an hour.',
      streams: ['text/csv'],
      reply: streamedReply,
      refusals: { 404: 'The link has expired, or it was never one.' },
      handle: async ({ params }) => {
        const { fileName, open } = await openFile(services, params.token);
        return new StreamedReply('text/csv; charset=utf-8', open, {
          headers: { 'Content-Disposition': `attachment; filename="${fileName}"` },
        });
      },
    }),
  ];
}
