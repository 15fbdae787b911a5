import {
  accountVerification,
  createPhoneNumberRequest,
  deletionNotice,
  phoneNumber,
  phoneNumberList,
  providerMetadataList,
  telephonyConfiguration,
  telephonyConfigurationList,
  telephonyConfigurationWarnings,
  updatePhoneNumberRequest,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { idParameter } from '../http/parameters';
import { route, type Route } from '../http/route';
import type { RefusedNames } from '../http/body/unknown-fields';
import type { Services } from '../services';
import type { CarrierServices } from './tools';
import {
  addConfiguration,
  changeConfiguration,
  configurationNotFound,
  listOwnConfigurations,
  reactivate,
  readConfiguration,
  removeConfiguration,
  setDefaultOutbound,
} from './configurations';
import {
  addNumber,
  changeNumber,
  listOwnNumbers,
  readNumber,
  removeNumber,
  setDefaultCaller,
  type NumberKey,
} from './phone-numbers';
import { verifyAccount } from './verification';
import { listProviderMetadata } from '../carriers/provider-metadata';
import { createConfigurationRequest, judgeSettings, updateConfigurationRequest } from '../carriers/registry';

type Needs = CarrierServices & Pick<Services, 'chance' | 'namedTools' | 'connections' | 'connectionKeeper'>;

const tag = 'Telephony';
const auth = 'member';
const root = '/organizations/telephony-configs';
const one = `${root}/{config_id}`;
const numbers = `${one}/phone-numbers`;
const oneNumber = `${numbers}/{phone_number_id}`;
const params = z.object({ config_id: idParameter });
const numberParams = z.object({ config_id: idParameter, phone_number_id: idParameter });
const unreadable = { 503: 'The stored credentials cannot be read with this SECRETS_KEY.' };
const missing = { 404: 'There is no such configuration (or number) in this organization.' };
const missingOrUnreadable = { ...missing, ...unreadable };

const noInbound = 'This server takes no inbound calls, so no agent answers a phone number. Leave this out.';
const noTrunks = 'This server knows no trunks of a telephony configuration. Leave this out.';
const refusedFields: RefusedNames = {
  inbound_workflow_id: noInbound,
  clear_inbound_workflow: noInbound,
  telephony_trunk_id: noTrunks,
  clear_trunk: noTrunks,
};

function numberKeyOf(given: z.output<typeof numberParams>, organizationId: number): NumberKey {
  return { organizationId, configurationId: given.config_id, numberId: given.phone_number_id };
}

export function telephonyRoutes(services: Needs): Route[] {
  return [...configurationRoutes(services), ...numberRoutes(services), ...providerRoutes(services)];
}

function configurationRoutes(services: Needs): Route[] {
  const found = {
    tag,
    auth,
    params,
    notFound: configurationNotFound,
    reply: telephonyConfiguration,
  } as const;
  return [
    route({
      tag,
      auth,
      method: 'get',
      scope: 'any',
      path: root,
      summary: 'The organization’s telephony configurations, and whether each can place calls',
      reply: telephonyConfigurationList,
      handle: async (_input, { organizationId }) => ({
        configurations: await listOwnConfigurations(services, organizationId),
      }),
    }),
    route({
      tag,
      auth,
      method: 'post',
      scope: 'admin',
      path: root,
      summary: 'Add a telephony configuration',
      body: createConfigurationRequest,
      judgeBody: judgeSettings,
      reply: telephonyConfiguration,
      refusals: { 400: 'The carrier refuses these settings, in its words.', 409: 'The name is taken.' },
      handle: ({ body }, identity) => addConfiguration(services, identity, body),
    }),
    route({
      ...found,
      method: 'get',
      scope: 'read',
      path: one,
      summary: 'One telephony configuration, its secrets masked',
      refusals: missingOrUnreadable,
      handle: (input, { organizationId }) =>
        readConfiguration(services, organizationId, input.params.config_id),
    }),
    route({
      ...found,
      method: 'put',
      scope: 'admin',
      path: one,
      summary: 'Rename a configuration or change its settings',
      description: 'A secret that is sent as its own mask stays as it is.',
      body: updateConfigurationRequest,
      judgeBody: judgeSettings,
      refusals: {
        ...missingOrUnreadable,
        400: 'The provider cannot change, or the carrier refuses these settings.',
        409: 'The name is taken.',
      },
      handle: (input, identity) =>
        changeConfiguration(services, identity, input.params.config_id, input.body),
    }),
    route({
      ...found,
      method: 'post',
      scope: 'admin',
      path: `${one}/verify`,
      summary: 'Ask the carrier now whether it accepts the settings',
      description:
        'By a read that costs nothing. The answer is kept, and shown as `last_verification` until the settings change.',
      reply: accountVerification,
      refusals: {
        ...missingOrUnreadable,
        400: 'The stored settings do not fit this version of the server.',
        501: 'There is nothing to ask this carrier.',
      },
      handle: (input, { organizationId }) =>
        verifyAccount({ ...services, log: input.log }, organizationId, input.params.config_id),
    }),
    route({
      ...found,
      method: 'post',
      scope: 'admin',
      path: `${one}/set-default-outbound`,
      summary: 'Place calls through this configuration unless a call says otherwise',
      refusals: missingOrUnreadable,
      handle: (input, identity) => setDefaultOutbound(services, identity, input.params.config_id),
    }),
    route({
      ...found,
      method: 'post',
      scope: 'admin',
      path: `${one}/reactivate`,
      summary: 'Use a parked configuration again',
      refusals: missingOrUnreadable,
      handle: (input, identity) => reactivate(services, identity, input.params.config_id),
    }),
    route({
      ...found,
      method: 'delete',
      scope: 'admin',
      path: one,
      summary: 'Delete a configuration with its phone numbers',
      reply: deletionNotice,
      refusals: missing,
      handle: async (input, identity) => {
        await removeConfiguration(services, identity, input.params.config_id);
        return { message: 'Telephony configuration deleted' };
      },
    }),
  ];
}

function numberRoutes(services: CarrierServices): Route[] {
  const found = {
    tag,
    auth,
    params: numberParams,
    notFound: 'Phone number not found',
    reply: phoneNumber,
    refusals: missing,
  } as const;
  return [
    route({
      tag,
      auth,
      method: 'get',
      scope: 'any',
      path: numbers,
      summary: 'The phone numbers of a configuration',
      params,
      notFound: configurationNotFound,
      reply: phoneNumberList,
      refusals: missing,
      handle: async (input, { organizationId }) => ({
        phone_numbers: await listOwnNumbers(services, organizationId, input.params.config_id),
      }),
    }),
    route({
      tag,
      auth,
      method: 'post',
      scope: 'admin',
      path: numbers,
      summary: 'Add a phone number',
      params,
      notFound: configurationNotFound,
      body: createPhoneNumberRequest,
      refusedFields,
      reply: phoneNumber,
      refusals: { ...missingOrUnreadable, 409: 'The organization has this number already.' },
      handle: (input, identity) =>
        addNumber({ ...services, log: input.log }, identity, input.params.config_id, input.body),
    }),
    route({
      ...found,
      method: 'get',
      scope: 'read',
      path: oneNumber,
      summary: 'One phone number',
      handle: (input, { organizationId }) => readNumber(services, numberKeyOf(input.params, organizationId)),
    }),
    route({
      ...found,
      method: 'put',
      scope: 'admin',
      path: oneNumber,
      summary: 'Change a phone number; its address stays',
      body: updatePhoneNumberRequest,
      refusedFields,
      handle: (input, identity) =>
        changeNumber(services, identity, numberKeyOf(input.params, identity.organizationId), input.body),
    }),
    route({
      ...found,
      method: 'post',
      scope: 'admin',
      path: `${oneNumber}/set-default-caller`,
      summary: 'Show this number unless a call says otherwise',
      handle: (input, identity) =>
        setDefaultCaller(services, identity, numberKeyOf(input.params, identity.organizationId)),
    }),
    route({
      ...found,
      method: 'delete',
      scope: 'admin',
      path: oneNumber,
      summary: 'Delete a phone number',
      reply: deletionNotice,
      handle: async (input, identity) => {
        await removeNumber(services, identity, numberKeyOf(input.params, identity.organizationId));
        return { message: 'Phone number deleted', provider_sync: null };
      },
    }),
  ];
}

function providerRoutes({ config }: Pick<Services, 'config'>): Route[] {
  return [
    route({
      tag,
      auth,
      method: 'get',
      scope: 'read',
      path: '/organizations/telephony-providers/metadata',
      summary: 'The providers of this server and the settings each needs',
      reply: providerMetadataList,
      handle: () => Promise.resolve(listProviderMetadata(config.extensions.size > 0 ? config : null)),
    }),
    route({
      tag,
      auth,
      method: 'get',
      scope: 'read',
      path: '/organizations/telephony-config-warnings',
      summary: 'How many configurations lack what their callbacks are verified with',
      reply: telephonyConfigurationWarnings,
      handle: () => Promise.resolve(telephonyConfigurationWarnings.parse({})),
    }),
  ];
}
