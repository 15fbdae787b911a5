/** The definition of the Zapier app. */
import { defineApp, version as platformVersion } from 'zapier-platform-core';
import packageJson from '../package.json';
import { authentication } from './authentication';
import { addToDoNotCall } from './creates/add-to-do-not-call';
import { cancelCall } from './creates/cancel-call';
import { createCampaign } from './creates/create-campaign';
import { pauseCampaign } from './creates/pause-campaign';
import { startCall } from './creates/start-call';
import { startCallAndWait } from './creates/start-call-and-wait';
import { startCampaign } from './creates/start-campaign';
import * as hydrators from './call/hydrators';
import { addApiKey } from './platform/middleware';
import { checkDoNotCall } from './searches/check-do-not-call';
import { findAgent } from './searches/find-agent';
import { findCall } from './searches/find-call';
import { findCampaign } from './searches/find-campaign';
import { callCompleted } from './triggers/call-completed';
import { callCompletedPolling } from './triggers/call-completed-polling';
import { listAgents } from './triggers/list-agents';
import { listCampaigns } from './triggers/list-campaigns';
import { listPhoneNumbers } from './triggers/list-phone-numbers';
import { listTelephonyConfigurations } from './triggers/list-telephony-configurations';

export default defineApp({
  version: packageJson.version,
  platformVersion,
  flags: {
    // Otherwise a 429 never reaches the client, and its Retry-After and message are lost. (The typings describe this
    // flag the wrong way round: only `false` returns the reply.)
    throwForThrottlingEarly: false,
    // Empty values and null inside the variables are intended by the user and must be sent.
    cleanInputData: false,
  },
  authentication,
  beforeRequest: [addApiKey],
  hydrators,
  triggers: {
    [callCompleted.key]: callCompleted,
    [callCompletedPolling.key]: callCompletedPolling,
    [listAgents.key]: listAgents,
    [listTelephonyConfigurations.key]: listTelephonyConfigurations,
    [listPhoneNumbers.key]: listPhoneNumbers,
    [listCampaigns.key]: listCampaigns,
  },
  creates: {
    [startCall.key]: startCall,
    [startCallAndWait.key]: startCallAndWait,
    [cancelCall.key]: cancelCall,
    [addToDoNotCall.key]: addToDoNotCall,
    [createCampaign.key]: createCampaign,
    [startCampaign.key]: startCampaign,
    [pauseCampaign.key]: pauseCampaign,
  },
  searches: {
    [findCall.key]: findCall,
    [findAgent.key]: findAgent,
    [checkDoNotCall.key]: checkDoNotCall,
    [findCampaign.key]: findCampaign,
  },
});
