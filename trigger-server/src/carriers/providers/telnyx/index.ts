/** Telnyx Voice API (Call Control), version 2. */
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { can, speech } from './instructions';
import {
  askStatus,
  cancel,
  carrier,
  listUnderWay,
  openRecording,
  ownsNumber,
  placeCall,
  prepare,
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
  placeCall,
  callbacks,
  verify,
  prepare,
  ownsNumber,
  askStatus,
  listUnderWay,
  questionsPerSecond,
  cancel,
  openRecording,
};
