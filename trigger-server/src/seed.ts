/** Seeds an empty database, so that the first call needs no setup. */
import type { AgentDefinition } from '@dograh-trigger/shared';
import { createApiKey } from './accounts/api-keys';
import {
  countOrganizations,
  createAccount,
  findDemoOrganization,
  markAsDemo,
} from './accounts/organizations';
import { createSignInLink } from './accounts/sign-in-links';
import { createAgent } from './agents/agents';
import { findPublishedPathByName } from './agents/known-agents';
import type { Services } from './services';
import type { WriteSession } from './storage/port';
import { createConfiguration } from './telephony/configurations';

const demoAgentName = 'Demo agent';
const demoTalkName = 'Demo conversation';
/** Two servers may start on an empty database together. No organization has this id. */
const noOrganization = 0;

export interface DemoTrigger {
  triggerPath: string;
  /** Of the agent that talks; null where it was removed, or the database is older than it. */
  talkPath: string | null;
  /** The key that was just generated; null when the database existed, or the key came from BOOTSTRAP_API_KEY. */
  newApiKey: string | null;
  /** The token of a new sign-in link; null in the same cases. */
  signInToken: string | null;
}

/** Secrets of a new demo organization, which are shown once. */
type NewSecrets = Pick<DemoTrigger, 'newApiKey' | 'signInToken'>;

/** Seeds an empty database. @returns the demo agent's trigger; null when there is none. */
export async function seedDemo(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'namedTools' | 'hasModel'>,
): Promise<DemoTrigger | null> {
  if (!services.config.seedDemo) return null;
  const secrets = await services.storage.write((session) => seed(services, session));
  const session = services.storage.read;
  const organizationId = await findDemoOrganization(session);
  if (organizationId === null) return null;
  const triggerPath = await findPublishedPathByName(session, organizationId, demoAgentName);
  const talkPath = await findPublishedPathByName(session, organizationId, demoTalkName);
  return triggerPath === null ? null : { triggerPath, talkPath, ...secrets };
}

async function seed(
  services: Pick<Services, 'config' | 'clock' | 'chance' | 'secrets' | 'namedTools' | 'hasModel'>,
  session: WriteSession,
): Promise<NewSecrets> {
  await session.lock('organization', noOrganization);
  if ((await countOrganizations(session)) > 0) return { newApiKey: null, signInToken: null };
  const { organizationId, userId } = await createAccount(services, session, {
    email: 'demo@example.com',
    passwordHash: null,
    name: 'Demo',
  });
  await markAsDemo(session, organizationId);
  const given = services.config.bootstrapApiKey;
  const key = await createApiKey(services, session, {
    organizationId,
    userId,
    name: 'Demo key',
    ...(given === null ? {} : { key: given }),
  });
  await createConfiguration(services, session, {
    organizationId,
    name: 'Sandbox',
    isDefaultOutbound: true,
    provider: 'sandbox',
    settings: {},
  });
  await createAgent(services, session, {
    organizationId,
    userId,
    name: demoAgentName,
    definition: demoDefinition,
  });
  await createAgent(services, session, {
    organizationId,
    userId,
    name: demoTalkName,
    definition: demoTalk,
    configurations: { answer: 'converse' },
  });
  if (given !== null) return { newApiKey: null, signInToken: null };
  return { newApiKey: key.key, signInToken: await createSignInLink(services, session, userId) };
}

const demoDefinition: AgentDefinition = {
  nodes: [
    {
      id: 'start',
      type: 'startCall',
      position: { x: 0, y: 0 },
      data: {
        name: 'Start',
        greeting: 'Hello {{user.name | there}}, this is a test call from Dograh Trigger.',
        prompt: 'You greet {{initial_context.user.name | the caller}} and say goodbye.',
      },
    },
    {
      id: 'trigger',
      type: 'trigger',
      position: { x: -300, y: 0 },
      data: { name: 'API Trigger', enabled: true },
    },
  ],
  edges: [],
};

/** Its labels are words that somebody may say, so that the built-in script can take them. */
const demoTalk: AgentDefinition = {
  nodes: [
    {
      id: 'start',
      type: 'startCall',
      position: { x: 0, y: 0 },
      data: {
        name: 'Start',
        greeting:
          'Hello {{user.name | there}}, this is an automated test call. Would you like an appointment: yes or no?',
        prompt:
          'Find out whether the person wants an appointment. Say that you are an automated caller if asked.',
      },
    },
    {
      id: 'day',
      type: 'agentNode',
      position: { x: 0, y: 200 },
      data: {
        name: 'Day',
        prompt: 'Ask for the day of the appointment, in one short sentence.',
        extraction_enabled: true,
        extraction_variables: [{ name: 'day', type: 'string', prompt: 'The day of the appointment' }],
      },
    },
    {
      id: 'end',
      type: 'endCall',
      position: { x: 0, y: 400 },
      data: { name: 'End', prompt: 'Say goodbye in one short sentence.' },
    },
    {
      id: 'trigger',
      type: 'trigger',
      position: { x: -300, y: 0 },
      data: { name: 'API Trigger', enabled: true },
    },
  ],
  edges: [
    {
      id: 'yes',
      source: 'start',
      target: 'day',
      data: { label: 'Yes', condition: 'The person wants an appointment.' },
    },
    {
      id: 'no',
      source: 'start',
      target: 'end',
      data: { label: 'No', condition: 'The person wants no appointment.' },
    },
    {
      id: 'done',
      source: 'day',
      target: 'end',
      data: { label: 'Done', condition: 'The person has named a day.' },
    },
  ],
};
