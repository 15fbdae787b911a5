/** The agents of another server that holds calls, to be known here too. */
import type { AgentDefinition, JsonObject } from '@dograh-trigger/shared';
import type { CarrierTools } from './tools';

export interface RemoteAgent {
  id: number;
  /** By which an agent here names it; null: the server there does not say. */
  uuid: string | null;
  name: string;
}

/** An agent that an agent here can name. */
export type NamedRemoteAgent = RemoteAgent & { uuid: string };

export function isNamed(agent: RemoteAgent): agent is NamedRemoteAgent {
  return agent.uuid !== null;
}

/** What an agent here takes over. */
export interface RemoteContent {
  definition: AgentDefinition;
  templateVariables: JsonObject | null;
  /** Seconds; null: the server there does not say. */
  maxCallDuration: number | null;
}

/** A number that calls of the other server can show. */
export interface RemoteCallerId {
  /** E.164. */
  address: string;
  /** The ids and the name there. */
  telephonyConfigurationId: number;
  telephonyConfigurationName: string;
  phoneNumberId: number;
}

/** All throw NotSentError, NoReplyError, CarrierFailure. */
export interface RemoteAgents<Configuration> {
  /** The active ones. */
  list(configuration: Configuration, tools: CarrierTools): Promise<readonly RemoteAgent[]>;
  /** The active ones. */
  listCallerIds(configuration: Configuration, tools: CarrierTools): Promise<readonly RemoteCallerId[]>;
  /** Null for an agent that is not there any more. */
  read(configuration: Configuration, agent: RemoteAgent, tools: CarrierTools): Promise<RemoteContent | null>;
}
