import {
  createWebhookCredentialRequest,
  deletedWebhookCredential,
  updateWebhookCredentialRequest,
  webhookCredential,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { uuidParameter } from '../../http/parameters';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import {
  addCredential,
  changeCredential,
  listOwnCredentials,
  readCredential,
  removeCredential,
} from './credentials';

const common = { tag: 'Credentials', auth: 'member' } as const;
const taken = { 409: 'The organization has a credential of this name.' };

export function credentialRoutes(
  services: Pick<Services, 'storage' | 'clock' | 'chance' | 'secrets'>,
): Route[] {
  const one = {
    ...common,
    path: '/credentials/{credential_uuid}',
    params: z.object({ credential_uuid: uuidParameter }),
    notFound: 'Credential not found',
    refusals: { 404: 'There is no such credential in this organization.' },
  } as const;
  return [
    route({
      ...common,
      method: 'get',
      scope: 'read',
      path: '/credentials/',
      summary: 'The credentials of webhook nodes, without what is secret',
      reply: z.array(webhookCredential),
      handle: (_input, { organizationId }) => listOwnCredentials(services, organizationId),
    }),
    route({
      ...common,
      method: 'post',
      scope: 'admin',
      path: '/credentials/',
      summary: 'Store a credential for webhook nodes',
      description: 'It is encrypted at rest, and never shown again.',
      body: createWebhookCredentialRequest,
      reply: webhookCredential,
      refusals: taken,
      handle: ({ body }, identity) => addCredential(services, identity, body),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      summary: 'One credential, without what is secret',
      reply: webhookCredential,
      handle: ({ params }, { organizationId }) =>
        readCredential(services, organizationId, params.credential_uuid),
    }),
    route({
      ...one,
      method: 'put',
      scope: 'admin',
      summary: 'Change a credential',
      description: 'What is left out stays. Another type needs its data with it.',
      body: updateWebhookCredentialRequest,
      reply: webhookCredential,
      refusals: { ...one.refusals, ...taken },
      handle: ({ params, body }, identity) =>
        changeCredential(services, identity, params.credential_uuid, body),
    }),
    route({
      ...one,
      method: 'delete',
      scope: 'admin',
      summary: 'Delete a credential; webhook nodes that name it send without one',
      reply: deletedWebhookCredential,
      handle: async ({ params }, identity) => {
        await removeCredential(services, identity, params.credential_uuid);
        return { status: 'deleted' as const, uuid: params.credential_uuid };
      },
    }),
  ];
}
