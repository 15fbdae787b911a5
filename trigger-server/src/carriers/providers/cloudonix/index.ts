/**
 * Cloudonix: https://developers.cloudonix.com
 *
 * Not offered: a check of number ownership (a caller ID belongs to the trunk's carrier, and the domain lists only
 * inbound numbers) and machine detection (the dial accepts it, but for a call whose CXML is sent with the dial, it is
 * not documented where the result arrives).
 */
import { can } from '../../dialects/twiml/instructions';
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { speech } from './instructions';
import { askStatus, cancel, carrier, placeCall, prepare, questionsPerSecond, verify } from './requests';

export const cloudonix: TelephonyProvider<typeof configuration> = {
  displayName: carrier,
  connectivity: 'api',
  docsUrl: 'https://developers.cloudonix.com',
  configuration,
  needsPhoneNumber: true,
  needsPublicUrl: true,
  can,
  speech,
  placeCall,
  callbacks,
  verify,
  prepare,
  askStatus,
  questionsPerSecond,
  cancel,
};
