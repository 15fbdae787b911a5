/**
 * A Dograh, hosted or own, as a carrier: its public trigger starts the call, its agent talks, and its list shows how far
 * the call is. https://docs.dograh.com
 *
 * Not offered: cancelling (Dograh has no route for it).
 */
import type { TelephonyProvider } from '../../port/provider';
import { carrier } from './api';
import { agents } from './agents';
import { configuration } from './configuration';
import { askStatus, follow, openRecording } from './follow';
import { findCall, ownsNumber } from './lists';
import { placeCall } from './requests';
import { prepare, verify } from './verification';

export const dograh: TelephonyProvider<typeof configuration> = {
  displayName: carrier,
  connectivity: 'api',
  docsUrl: 'https://docs.dograh.com',
  configuration,
  needsPhoneNumber: false,
  needsPublicUrl: false,
  can: ['hand_over', 'hang_up'],
  speech: () => ({
    languages: [],
    isVoice: () => false,
    advice: 'The agent at Dograh has its own language and voice: set them there.',
  }),
  placeCall,
  callbacks: null,
  verify,
  asksOnSave: true,
  prepare,
  ownsNumber,
  agents,
  findCall,
  askStatus,
  openRecording,
  follow,
};
