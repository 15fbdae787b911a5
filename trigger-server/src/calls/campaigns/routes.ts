import {
  campaign,
  campaignDefaults,
  campaignProgress,
  campaigns,
  campaignSourceDownload,
  createCampaignRequest,
  redialCampaignRequest,
  runPage,
  updateCampaignRequest,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { recordAudit } from '../../audit/audit';
import { idParameter } from '../../http/parameters';
import { route, StreamedReply, streamedReply, type Route } from '../../http/route';
import type { Services } from '../../services';
import type { CarrierServices } from '../../telephony/tools';
import { listQueries } from '../../usage/list-queries';
import { openCampaignReport } from '../../usage/report';
import { hasExtensions, listCampaignRuns } from '../../usage/usage';
import {
  changeCampaign,
  createCampaign,
  listCampaigns,
  readCampaign,
  readProgress,
  requireCampaign,
} from './campaigns';
import { readCampaignDefaults } from './defaults';
import { redialCampaign } from './redial';
import { downloadOf } from './source/files';
import { pauseCampaign, resumeCampaign, startCampaign } from './state';

const base = { tag: 'Campaigns', auth: 'member' } as const;

const one = {
  ...base,
  params: z.object({ campaign_id: idParameter }),
  notFound: 'Campaign not found',
} as const;

const noCampaign = 'There is no such campaign in this organization.';

export function campaignRoutes(
  services: CarrierServices & Pick<Services, 'chance' | 'connections' | 'config' | 'secrets'>,
): Route[] {
  const queries = listQueries(hasExtensions(services));
  return [
    route({
      ...base,
      method: 'get',
      scope: 'read',
      path: '/organizations/campaign-defaults',
      tag: 'Organizations',
      summary: 'What a new campaign starts with, and how many calls may be under way at once',
      reply: campaignDefaults,
      handle: (_input, { organizationId }) => readCampaignDefaults(services, organizationId),
    }),
    route({
      ...base,
      method: 'post',
      scope: 'admin',
      path: '/campaign/create',
      summary: 'Create a campaign from an uploaded file',
      description:
        'Nobody is called before the campaign is started. Rows that are not called are listed with the reason: one without a number that can be called, say, and the second one of a number. Each number of a file is called once.',
      body: createCampaignRequest,
      reply: campaign,
      refusals: {
        400: 'There is no such file, it has no row that can be called or lacks a column that the agent’s texts need, telephony is not ready, or max_concurrency is too high.',
        404: 'There is no such agent in this organization.',
      },
      handle: ({ body }, identity) => createCampaign(services, identity, body),
    }),
    route({
      ...base,
      method: 'get',
      scope: 'read',
      path: '/campaign/',
      summary: 'The campaigns of the organization, newest first',
      reply: campaigns,
      handle: (_input, { organizationId }) => listCampaigns(services, organizationId),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      path: '/campaign/{campaign_id}',
      summary: 'One campaign',
      reply: campaign,
      refusals: { 404: noCampaign },
      handle: ({ params }, { organizationId }) => readCampaign(services, organizationId, params.campaign_id),
    }),
    route({
      ...one,
      method: 'patch',
      scope: 'admin',
      path: '/campaign/{campaign_id}',
      summary: 'Change the settings of a campaign',
      description: 'What is left out stays. Calls that are queued already repeat as before.',
      body: updateCampaignRequest,
      reply: campaign,
      refusals: { 400: 'The campaign has ended, or max_concurrency is too high.', 404: noCampaign },
      handle: ({ params, body }, identity) => changeCampaign(services, identity, params.campaign_id, body),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/campaign/{campaign_id}/start',
      summary: 'Start a campaign',
      reply: campaign,
      refusals: {
        400: 'The campaign was started before, or it could call nobody.',
        401: 'The organization has no telephony configuration.',
        404: noCampaign,
      },
      handle: ({ params }, identity) => startCampaign(services, identity, params.campaign_id),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/campaign/{campaign_id}/pause',
      summary: 'Pause a campaign',
      description:
        'Calls under way go on to their end. No further one is placed until the campaign is resumed.',
      reply: campaign,
      refusals: { 400: 'The campaign is not running.', 404: noCampaign },
      handle: ({ params }, identity) => pauseCampaign(services, identity, params.campaign_id),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/campaign/{campaign_id}/resume',
      summary: 'Resume a paused campaign',
      reply: campaign,
      refusals: {
        400: 'The campaign is not paused.',
        401: 'The organization has no telephony configuration.',
        404: noCampaign,
      },
      handle: ({ params }, identity) => resumeCampaign(services, identity, params.campaign_id),
    }),
    route({
      ...one,
      method: 'post',
      scope: 'admin',
      path: '/campaign/{campaign_id}/redial',
      summary: 'Create a campaign that calls those again whom this one did not reach',
      description: 'Once for each campaign that has completed. It is created, and not started.',
      body: redialCampaignRequest,
      reply: campaign,
      refusals: {
        400: 'The campaign has not completed, was redialed before, or reached everybody.',
        404: noCampaign,
      },
      handle: ({ params, body }, identity) => redialCampaign(services, identity, params.campaign_id, body),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      path: '/campaign/{campaign_id}/progress',
      summary: 'How far a campaign has come',
      reply: campaignProgress,
      refusals: { 404: noCampaign },
      handle: ({ params }, { organizationId }) => readProgress(services, organizationId, params.campaign_id),
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      path: '/campaign/{campaign_id}/runs',
      summary: 'The runs of a campaign, newest first',
      description: 'With the parameters of an agent’s list of runs.',
      query: queries.agent,
      reply: runPage,
      refusals: {
        400: 'The filters are no JSON array of objects.',
        403: 'There is no filter by this attribute here.',
        404: noCampaign,
        422: 'A parameter is not valid, or a filter cannot be honoured: `loc` says which, and `msg` what is right.',
      },
      handle: async ({ params, query }, { organizationId }) => {
        const { id } = await requireCampaign(services, organizationId, params.campaign_id);
        return listCampaignRuns(services, organizationId, id, {
          page: query.page,
          limit: query.limit,
          filters: query.filters,
          sortBy: query.sort_by,
          order: query.sort_order,
          cursor: query.cursor,
        });
      },
    }),
    route({
      ...one,
      method: 'get',
      scope: 'read',
      path: '/campaign/{campaign_id}/report',
      summary: 'The ended runs of a campaign as a CSV file',
      description: 'Text that a spreadsheet would take for a formula begins with an apostrophe.',
      query: queries.campaignReport,
      streams: ['text/csv'],
      reply: streamedReply,
      successHeaders: { 'Content-Disposition': 'A file name: `campaign_1_report.csv`.' },
      refusals: { 404: noCampaign },
      handle: async ({ params, query, method }, identity) => {
        const { organizationId } = identity;
        const { id } = await requireCampaign(services, organizationId, params.campaign_id);
        const { fileName, open } = openCampaignReport(services, organizationId, id, {
          startDate: query.start_date,
          endDate: query.end_date,
        });
        // HEAD gets no rows.
        if (method === 'GET') {
          await services.storage.write((session) =>
            recordAudit(services, session, identity, { action: 'runs.exported' }),
          );
        }
        const headers = { 'Content-Disposition': `attachment; filename="${fileName}"` };
        return new StreamedReply('text/csv; charset=utf-8', open, { headers });
      },
    }),
    route({
      ...one,
      method: 'get',
      scope: 'admin',
      path: '/campaign/{campaign_id}/source-download-url',
      summary: 'A link to the file of a campaign',
      description: 'It needs no key, and is valid for an hour.',
      reply: campaignSourceDownload,
      refusals: { 404: noCampaign },
      handle: async ({ params, origin }, { organizationId }) => {
        const { file_id: fileId } = await requireCampaign(services, organizationId, params.campaign_id);
        return downloadOf(services, fileId, origin);
      },
    }),
  ];
}
