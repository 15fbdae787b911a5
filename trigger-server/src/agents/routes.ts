import {
  agent,
  agentCount,
  agentListItem,
  agentStatus,
  agentSummary,
  agentVersion,
  createAgentRequest,
  definitionReport,
  publishedVersion,
  updateAgentRequest,
  updateAgentStatusRequest,
  type AgentStatus,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter, integerQuery } from '../http/parameters';
import { route, type Route } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import {
  addAgent,
  changeAgent,
  changeStatus,
  duplicateAgent,
  listOwnAgents,
  readAgent,
  requireAgent,
  requireVisibleAgent,
} from './agents';
import { judgeAgentSettings } from './definition/misspelt-settings';
import { versionFor } from './texts-only';
import { createDraft, listVersions, publishDraft, validateAgent } from './versions';

type Needs = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'namedTools' | 'hasModel' | 'modelFault'
>;

const tag = 'Agents';
const auth = 'member';
const params = z.object({ workflow_id: idParameter });
const listQuery = z.object({ status: z.string().optional() });
const notFound = 'Workflow with id {workflow_id} not found';
const missing = { 404: 'There is no such agent in this organization.' };
const faulty = {
  409: 'The trigger path is taken, or the definition’s structure is not valid.',
  422: 'The request or the definition is not valid.',
};

/** Reads `active`, `archived`, or both separated by a comma. @throws Problem unprocessable, with Dograh's text. */
function readStatuses(text: string | undefined): AgentStatus[] | null {
  if (text === undefined || text === '') return null;
  const words = text.split(',').map((word) => word.trim());
  const wrong = words.filter((word) => !agentStatus.safeParse(word).success);
  if (wrong.length > 0) {
    const named = wrong.map((word) => `'${word === '' ? '<empty>' : word}'`).join(', ');
    throw new Problem(
      'unprocessable',
      `Invalid workflow status filter: [${named}]. Allowed values: ['active', 'archived'].`,
    );
  }
  return words.map((word) => agentStatus.parse(word));
}

export function agentRoutes(services: Needs): Route[] {
  return [...readingRoutes(services), ...writingRoutes(services), ...versionRoutes(services)];
}

function readingRoutes(services: Pick<Services, 'config' | 'storage'>): Route[] {
  return [
    route({
      tag,
      auth,
      method: 'get',
      scope: 'any',
      path: '/workflow/fetch',
      summary: 'The organization’s agents',
      description: 'A key with the scope `trigger` lists the agents that it may call.',
      query: listQuery,
      reply: z.array(agentListItem),
      handle: ({ query }, identity) => listOwnAgents(services, identity, readStatuses(query.status)),
    }),
    route({
      tag,
      auth,
      method: 'get',
      scope: 'any',
      path: '/workflow/summary',
      summary: 'Ids and names of the agents',
      query: listQuery,
      reply: z.array(agentSummary),
      handle: async ({ query }, identity) =>
        (await listOwnAgents(services, identity, readStatuses(query.status))).map(({ id, name }) => ({
          id,
          name,
        })),
    }),
    route({
      tag,
      auth,
      method: 'get',
      scope: 'read',
      path: '/workflow/count',
      summary: 'How many agents there are',
      reply: agentCount,
      handle: async (_input, identity) => {
        const agents = await listOwnAgents(services, identity, null);
        const active = agents.filter(({ status }) => status === 'active').length;
        return { total: agents.length, active, archived: agents.length - active };
      },
    }),
    route({
      tag,
      auth,
      method: 'get',
      scope: 'any',
      path: '/workflow/fetch/{workflow_id}',
      summary: 'One agent; its draft’s content where there is a draft',
      description:
        'A key with the scope `trigger` gets only the spoken texts of its definition and its trigger, because the rest may hold secrets.',
      params,
      notFound,
      reply: agent,
      refusals: missing,
      handle: (input, identity) => readAgent(services, identity, input.params.workflow_id, input.origin),
    }),
  ];
}

function writingRoutes(services: Needs): Route[] {
  const changed = {
    tag,
    auth,
    params,
    notFound: 'Workflow with ID {workflow_id} not found',
    reply: agent,
    refusals: missing,
  } as const;
  return [
    route({
      tag,
      auth,
      method: 'post',
      scope: 'admin',
      path: '/workflow/create/definition',
      summary: 'Create an agent; its first version is published at once',
      body: createAgentRequest,
      reply: agent,
      refusals: faulty,
      handle: ({ body: { name, workflow_definition: definition }, origin }, identity) =>
        addAgent(services, identity, { name, definition }, origin),
    }),
    route({
      ...changed,
      method: 'put',
      scope: 'admin',
      path: '/workflow/{workflow_id}',
      summary: 'Rename an agent at once; save the rest as its draft',
      description:
        'The production URL keeps running the published version until the draft is published. With the `revision` of the agent, nothing is saved if somebody has changed it since (409, `draft_changed`).',
      body: updateAgentRequest,
      judgeBody: judgeAgentSettings,
      refusals: {
        ...missing,
        ...faulty,
        409: `${faulty[409].slice(0, -1)}, or the agent was changed since the revision that was sent.`,
      },
      handle: (input, identity) =>
        changeAgent(services, identity, input.params.workflow_id, input.body, input.origin),
    }),
    route({
      ...changed,
      method: 'put',
      scope: 'admin',
      path: '/workflow/{workflow_id}/status',
      summary: 'Archive an agent, or bring it back',
      body: updateAgentStatusRequest,
      handle: (input, identity) =>
        changeStatus(services, identity, input.params.workflow_id, input.body.status, input.origin),
    }),
    route({
      ...changed,
      method: 'post',
      scope: 'admin',
      path: '/workflow/{workflow_id}/duplicate',
      summary: 'Copy an agent, with trigger URLs of its own',
      notFound,
      handle: (input, identity) => duplicateAgent(services, identity, input.params.workflow_id, input.origin),
    }),
  ];
}

function versionRoutes(services: Omit<Needs, 'chance'>): Route[] {
  const own = { tag, auth, params, notFound } as const;
  /** The id of an agent of this organization. */
  const required = async (organizationId: number, id: number) =>
    (await requireAgent(services.storage.read, organizationId, id)).id;
  return [
    route({
      ...own,
      method: 'get',
      scope: 'any',
      path: '/workflow/{workflow_id}/versions',
      summary: 'The versions of an agent, newest first',
      query: z.object({ limit: integerQuery(1, 100, 50), offset: integerQuery(0, 1_000_000, 0) }),
      reply: z.array(agentVersion),
      refusals: missing,
      handle: async ({ params: { workflow_id: id }, query: { limit, offset } }, identity) => {
        await requireVisibleAgent(services.storage.read, identity, id);
        const versions = await listVersions(services, id, limit, offset);
        return versions.map((version) => versionFor(identity, version));
      },
    }),
    route({
      ...own,
      method: 'post',
      scope: 'admin',
      path: '/workflow/{workflow_id}/create-draft',
      summary: 'The draft, made from the published version if there is none',
      reply: agentVersion,
      refusals: missing,
      handle: async (input, { organizationId }) =>
        createDraft(services, await required(organizationId, input.params.workflow_id)),
    }),
    route({
      ...own,
      method: 'post',
      scope: 'admin',
      path: '/workflow/{workflow_id}/publish',
      summary: 'Publish the draft: from now on both trigger URLs run it',
      query: z.object({
        revision: z.string().max(64).optional().meta({
          description:
            'The revision that the caller has read. If the agent has another one now, nothing is published (409, draft_changed). Only on the bundled trigger server.',
        }),
      }),
      reply: publishedVersion,
      refusals: {
        ...missing,
        400: 'There is no draft.',
        409: 'The agent was changed since the revision that was sent.',
        422: 'The draft is not valid.',
      },
      handle: async (input, identity) => {
        const id = await required(identity.organizationId, input.params.workflow_id);
        return publishDraft(services, identity, id, input.query.revision ?? null);
      },
    }),
    route({
      ...own,
      method: 'post',
      scope: 'read',
      path: '/workflow/{workflow_id}/validate',
      summary: 'Could this agent be published?',
      reply: definitionReport,
      refusals: { ...missing, 422: 'No: the detail lists the faults.' },
      handle: async (input, { organizationId }) =>
        validateAgent(services, {
          id: await required(organizationId, input.params.workflow_id),
          organizationId,
        }),
    }),
  ];
}
