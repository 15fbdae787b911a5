/**
 * Documents and recordings, which nodes may refer to. This server has none, so their lists are empty. Credentials and
 * tools, which it does have, are in `events/credentials/` and `conversations/tools/`.
 */
import { documentPage, recordingList } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../http/parameters';
import { route, type Route } from '../http/route';

const common = { tag: 'Agents', auth: 'member' } as const;
const optionalText = z.string().optional();

export function catalogueRoutes(): Route[] {
  return [
    route({
      ...common,
      method: 'get',
      scope: 'read',
      path: '/knowledge-base/documents',
      summary: 'The organization’s documents: none, since this server reads none',
      query: z.object({
        status: optionalText,
        limit: integerQuery(1, 100, 100),
        offset: integerQuery(0, 1_000_000, 0),
      }),
      reply: documentPage,
      handle: ({ query: { limit, offset } }) => Promise.resolve({ documents: [], total: 0, limit, offset }),
    }),
    route({
      ...common,
      method: 'get',
      scope: 'read',
      path: '/workflow-recordings/',
      summary: 'The organization’s recordings for agents to play: none, since this server plays none',
      query: z.object({
        workflow_id: idParameter.optional(),
        tts_provider: optionalText,
        tts_model: optionalText,
        tts_voice_id: optionalText,
      }),
      reply: recordingList,
      handle: () => Promise.resolve({ recordings: [], total: 0 }),
    }),
  ];
}
