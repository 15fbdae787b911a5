/** Telnyx Voice API (Call Control), version 2. */
import { voicemailActions } from '@dograh-trigger/shared';
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { can, speech } from './instructions';
import {
  askStatus,
  cancel,
  carrier,
  deleteRecording,
  findCall,
  listUnderWay,
  openRecording,
  ownsNumber,
  placeCall,
  prepare,
  callsPerSecond,
  questionsPerSecond,
  verify,
} from './requests';

export const telnyx: TelephonyProvider<typeof configuration> = {
  displayName: carrier,
  connectivity: 'api',
  docsUrl: 'https://developers.telnyx.com/docs/voice/programmable-voice',
  configuration,
  needsPhoneNumber: true,
  needsPublicUrl: true,
  can,
  speech,
  // A stream is part of the dial, so the other end of the stream speaks before it is known who answered.
  // A message cannot be spoken beside a relay.
  voicemail: { announce: voicemailActions, stream: ['speak'], converse: ['hang_up', 'speak'] },
  placeCall,
  callbacks,
  verify,
  prepare,
  ownsNumber,
  askStatus,
  findCall,
  listUnderWay,
  callsPerSecond,
  questionsPerSecond,
  cancel,
  openRecording,
  deleteRecording,
};
