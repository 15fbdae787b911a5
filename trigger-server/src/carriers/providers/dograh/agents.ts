/** The agents of Dograh. Source: https://docs.dograh.com/api-reference */
import { agentDefinition, jsonObject } from '@dograh-trigger/shared';
import * as z from 'zod';
import type { RemoteAgent, RemoteAgents } from '../../port/agents';
import type { CarrierTools } from '../../port/tools';
import { readFromDograh } from './api';
import type { Configuration } from './configuration';
import { listCallerIds } from './lists';

const listed = z.array(
  z.looseObject({ id: z.int(), name: z.string(), workflow_uuid: z.string().min(1).nullish().catch(null) }),
);

/** The active agents. @throws NotSentError, NoReplyError, CarrierFailure. */
export async function listAgents(configuration: Configuration, tools: CarrierTools): Promise<RemoteAgent[]> {
  const agents = await readFromDograh(configuration, '/workflow/fetch?status=active', listed, tools);
  return (agents ?? []).map(({ id, name, workflow_uuid: uuid }) => ({ id, name, uuid: uuid ?? null }));
}

const versions = z.array(
  z.looseObject({
    status: z.string(),
    workflow_json: agentDefinition,
    workflow_configurations: z
      .looseObject({ max_call_duration: z.int().min(1).max(1200).nullish().catch(null) })
      .nullish(),
    template_context_variables: jsonObject.nullish(),
  }),
);

/** The published version, which calls run: only a draft is newer. */
async function readAgent(configuration: Configuration, { id }: RemoteAgent, tools: CarrierTools) {
  const path = `/workflow/${String(id)}/versions?limit=2&offset=0`;
  const newest = (await readFromDograh(configuration, path, versions, tools)) ?? [];
  const version = newest.find(({ status }) => status === 'published') ?? newest[0];
  if (version === undefined) return null;
  return {
    definition: version.workflow_json,
    templateVariables: version.template_context_variables ?? null,
    maxCallDuration: version.workflow_configurations?.max_call_duration ?? null,
  };
}

export const agents: RemoteAgents<Configuration> = { list: listAgents, listCallerIds, read: readAgent };
