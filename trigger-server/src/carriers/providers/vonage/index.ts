/** Vonage Voice API, version 1. It documents no request that deletes the recording of a call. */
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { can, speech } from './instructions';
import {
  askStatus,
  cancel,
  carrier,
  findCall,
  listUnderWay,
  openRecording,
  ownsNumber,
  placeCall,
  prepare,
  callsPerSecond,
  questionsPerSecond,
  verify,
  voicemail,
} from './requests';

export const vonage: TelephonyProvider<typeof configuration> = {
  displayName: carrier,
  connectivity: 'api',
  docsUrl: 'https://developer.vonage.com/en/voice/voice-api/overview',
  configuration,
  needsPhoneNumber: true,
  needsPublicUrl: true,
  can,
  speech,
  voicemail,
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
};
