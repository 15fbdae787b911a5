import * as z from 'zod';
import { route, StreamedReply, streamedReply, type Route } from '../http/route';
import type { Services } from '../services';
import { artifactTypes } from '../runs/links';
import { findDownload } from './downloads';

export function artifactRoutes(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'artifacts' | 'log'>,
): Route[] {
  return [
    route({
      method: 'get',
      path: '/public/download/workflow/{token}/{artifact_type}',
      tag: 'Runs',
      summary: 'Download the transcript or the recording of a run',
      description:
        'Needs no API key: the token opens the files of one run. Reading that run mints one, which holds for 24 hours unless the operator set DOWNLOAD_LINK_HOURS. A part of a file is answered with 206. Real Dograh answers 302 to where it keeps the file; follow that without your API key.',
      auth: 'none',
      params: z.object({
        token: z.string().meta({ description: '`public_access_token` of the run.' }),
        artifact_type: z.string().meta({ description: `One of: ${artifactTypes.join(', ')}.` }),
      }),
      query: z.object({
        inline: z
          .stringbool()
          .default(false)
          .meta({ description: 'true: to be shown by a browser, not saved.' }),
      }),
      requestHeaders: {
        Range: 'One range of bytes, such as `bytes=0-1023`.',
        'If-Range': 'An ETag: the range holds only while the file is still that one.',
      },
      successHeaders: { ETag: 'The state of the file.' },
      servesRanges: true,
      streams: ['audio/wav', 'audio/mpeg', 'text/plain'],
      reply: streamedReply,
      refusals: {
        400: 'There is no such type of file.',
        404: 'The token is forged or has expired, or the run has no such file.',
        416: 'The file has no such bytes.',
        503: 'The store of recordings cannot be reached at the moment.',
      },
      handle: async (input) => {
        const { runId, isWhole, contentType, open, headers } = await findDownload(
          { ...services, log: input.log },
          {
            token: input.params.token,
            artifactType: input.params.artifact_type,
            inline: input.query.inline,
            // Ranges are defined for GET only (RFC 9110, section 14.2).
            range: input.method === 'GET' ? input.header('range') : undefined,
            ifRange: input.header('if-range'),
          },
        );
        input.noteRun(runId);
        return new StreamedReply(contentType, open, { headers, ...(isWhole ? {} : { status: 206 }) });
      },
    }),
  ];
}
