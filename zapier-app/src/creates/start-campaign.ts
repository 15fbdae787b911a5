/** Starts a campaign, or resumes a paused one. */
import { fieldRefusal, isTriggerError, type CampaignMove } from '@dograh-trigger/shared';
import { defineCreate, defineInputFields, type Bundle, type InferInputData } from 'zapier-platform-core';
import {
  campaignField,
  campaignOutputFields,
  campaignRecord,
  readCampaignId,
} from '../campaign/campaign-record';
import { replayed } from '../platform/errors';
import { readChoice } from '../platform/fields';
import { step, stepMeta } from '../platform/step';
import sample from '../samples/start-campaign.json';

const ifPausedLabel = 'If It Is Paused';
const ifPausedChoices = { stop: 'Stop Here', resume: 'Resume It' } as const;

const inputFields = defineInputFields([
  campaignField,
  {
    key: 'if_paused',
    label: ifPausedLabel,
    type: 'string',
    required: false,
    default: 'stop',
    choices: ifPausedChoices,
    helpText:
      `*${ifPausedChoices.stop}* leaves a campaign alone that a person, or a step, has paused. *${ifPausedChoices.resume}* goes ` +
      'on with it. A campaign that was started before is not started again. Testing this step in the editor starts nothing.',
  },
]);

type Input = InferInputData<typeof inputFields>;

export const startCampaignStep = step(async (client, bundle: Bundle<Input>, z) => {
  const { inputData } = bundle;
  const id = readCampaignId(inputData.campaign);
  const ifPaused = readChoice(ifPausedLabel, inputData.if_paused, ['stop', 'resume'], 'stop');
  const campaign = await client.getCampaign(id);
  // A test in the editor must not call a whole list.
  if (stepMeta(bundle).isLoadingSample) return { ...campaignRecord(campaign), is_changed: false };
  const move = campaign.state === 'paused' ? resume(ifPaused) : 'start';
  try {
    const moved = await client.moveCampaign(id, move);
    return { ...campaignRecord(moved.campaign), is_changed: moved.changed };
  } catch (error) {
    // A campaign is started once, so the replay of a step whose reply was lost calls nobody again.
    throw isTriggerError(error) && error.code === 'outcome_unknown' ? replayed(z, error) : error;
  }
});

/** @throws TriggerError `invalid_input` */
function resume(ifPaused: keyof typeof ifPausedChoices): CampaignMove {
  if (ifPaused === 'resume') return 'resume';
  throw fieldRefusal(
    ifPausedLabel,
    `the campaign is paused, and nobody was called by this step; choose ${ifPausedChoices.resume} to go on with it`,
  );
}

export const startCampaign = defineCreate({
  key: 'start_campaign',
  noun: 'Campaign',
  display: {
    label: 'Start Campaign',
    description: 'Starts a campaign, which then calls its contacts.',
  },
  operation: {
    perform: startCampaignStep,
    inputFields,
    sample,
    outputFields: [
      ...campaignOutputFields,
      { key: 'is_changed', label: 'Was Started by This Step', type: 'boolean' },
    ],
  },
});
