import {
  archivedTool,
  createToolRequest,
  testToolRequest,
  tool,
  toolList,
  toolTestReport,
  updateToolRequest,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { uuidParameter } from '../../http/parameters';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import { testTool } from './test-tool';
import { addTool, archiveTool, changeTool, listOwnTools, readTool, restoreTool } from './tools';

const common = { tag: 'Tools', auth: 'member' } as const;
const optionalText = z.string().optional();
const noCredential = { 404: 'The organization has no such credential.' };

export function toolRoutes(
  services: Pick<Services, 'storage' | 'clock' | 'chance' | 'secrets' | 'carrier'>,
): Route[] {
  const one = {
    ...common,
    path: '/tools/{tool_uuid}',
    params: z.object({ tool_uuid: uuidParameter }),
    notFound: 'Tool not found',
    refusals: { 404: 'There is no such tool in this organization.' },
  } as const;
  return [
    route({
      ...common,
      method: 'get',
      scope: 'read',
      path: '/tools/',
      summary: 'The organization’s tools, by name',
      description: 'Without the archived ones, unless `status` names them: `status=active,archived`.',
      query: z.object({ status: optionalText, category: optionalText }),
      reply: toolList,
      refusals: { 400: 'A status or a category that does not exist.' },
      handle: ({ query: { status, category } }, { organizationId }) =>
        listOwnTools(services, organizationId, { status, category }),
    }),
    route({
      ...common,
      method: 'post',
      scope: 'admin',
      path: '/tools/',
      summary: 'Make a tool, which nodes of agents may name in tool_uuids',
      description:
        'It holds no secret: a request is authenticated by a stored credential (`credential_uuid`). Requests never go into a private network, last 10 seconds at most and are not repeated.',
      body: createToolRequest,
      reply: tool,
      refusals: noCredential,
      handle: ({ body }, identity) => addTool(services, identity, body),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      summary: 'One tool, also an archived one',
      reply: tool,
      handle: ({ params }, { organizationId }) => readTool(services, organizationId, params.tool_uuid),
    }),
    route({
      ...one,
      method: 'put',
      scope: 'admin',
      summary: 'Change a tool; calls use it from their next turn',
      description: 'What is left out stays. The category never changes.',
      body: updateToolRequest,
      reply: tool,
      refusals: { 404: `${one.refusals[404].slice(0, -1)}, or no such credential.` },
      handle: ({ params, body }, identity) => changeTool(services, identity, params.tool_uuid, body),
    }),
    route({
      ...one,
      method: 'delete',
      scope: 'admin',
      summary: 'Archive a tool: no call is offered it any more',
      reply: archivedTool,
      refusals: { 404: 'There is no such tool in this organization, or it is archived already.' },
      handle: async ({ params: { tool_uuid } }, identity) => {
        await archiveTool(services, identity, tool_uuid);
        return { status: 'archived' as const, tool_uuid };
      },
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/tools/{tool_uuid}/unarchive',
      summary: 'Bring an archived tool back',
      reply: tool,
      refusals: { 404: 'There is no such tool in this organization, or it is not archived.' },
      handle: ({ params }, identity) => restoreTool(services, identity, params.tool_uuid),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/tools/{tool_uuid}/test',
      summary: 'Send the request of an HTTP API tool, and see request and reply',
      body: testToolRequest,
      reply: toolTestReport,
      refusals: { ...one.refusals, 400: 'It is no HTTP API tool.' },
      handle: ({ params, body }, { organizationId }) =>
        testTool(services, organizationId, params.tool_uuid, body),
    }),
  ];
}
