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
/** Two servers may start on an empty database together. No organization has this id. */
const noOrganization = 0;

export interface DemoTrigger {
  triggerPath: string;
  /** The key that was just generated; null when the database existed, or the key came from BOOTSTRAP_API_KEY. */
  newApiKey: string | null;
  /** The token of a new sign-in link; null in the same cases. */
  signInToken: string | null;
}

/** Secrets of a new demo organization, which are shown once. */
type NewSecrets = Pick<DemoTrigger, 'newApiKey' | 'signInToken'>;

/** Seeds an empty database. @returns the demo agent's trigger; null when there is none. */
export async function seedDemo(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'namedTools'>,
): Promise<DemoTrigger | null> {
  if (!services.config.seedDemo) return null;
  const secrets = await services.storage.write((session) => seed(services, session));
  const session = services.storage.read;
  const organizationId = await findDemoOrganization(session);
  if (organizationId === null) return null;
  const triggerPath = await findPublishedPathByName(session, organizationId, demoAgentName);
  return triggerPath === null ? null : { triggerPath, ...secrets };
}

async function seed(
  services: Pick<Services, 'config' | 'clock' | 'chance' | 'secrets' | 'namedTools'>,
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
