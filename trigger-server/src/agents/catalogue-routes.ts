/** What nodes may refer to and this server does not have: its lists are empty. Credentials are in `webhooks/`. */
import { documentPage, recordingList, toolList } from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../http/parameters';
import { route, type Route } from '../http/route';
import { Problem } from '../problem';

const facts = { tag: 'Agents', auth: 'member' } as const;
const word = z.string().optional();

export function catalogueRoutes(): Route[] {
  return [
    route({
      ...facts,
      method: 'get',
      path: '/tools/',
      summary: 'The organization’s tools: none, since this server runs none',
      query: z.object({ status: word, category: word }),
      reply: toolList,
      handle: () => Promise.resolve([]),
    }),
    route({
      ...facts,
      method: 'post',
      path: '/tools/',
      summary: 'Refused: this server runs no tools',
      reply: z.never(),
      refusals: { 501: 'Always.' },
      handle: () => {
        throw new Problem(
          'not_implemented',
          'This server runs no tools, so none can be created. Leave tool_uuids empty in your agents.',
        );
      },
    }),
    route({
      ...facts,
      method: 'get',
      path: '/knowledge-base/documents',
      summary: 'The organization’s documents: none, since this server reads none',
      query: z.object({
        status: word,
        limit: integerQuery(1, 100, 100),
        offset: integerQuery(0, 1_000_000, 0),
      }),
      reply: documentPage,
      handle: ({ query: { limit, offset } }) => Promise.resolve({ documents: [], total: 0, limit, offset }),
    }),
    route({
      ...facts,
      method: 'get',
      path: '/workflow-recordings/',
      summary: 'The organization’s recordings for agents to play: none, since this server plays none',
      query: z.object({
        workflow_id: idParameter.optional(),
        tts_provider: word,
        tts_model: word,
        tts_voice_id: word,
      }),
      reply: recordingList,
      handle: () => Promise.resolve({ recordings: [], total: 0 }),
    }),
  ];
}
