/**
 * Asterisk over its REST interface: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/
 *
 * Calls are announced only. A stream would need a relay between Asterisk's media (RTP, or its own WebSocket protocol) and
 * an arbitrary `wss://` in another protocol: a media server, which this server is not.
 *
 * Not offered: machine detection and a check of number ownership, which are the business of the trunk behind Asterisk.
 */
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { connect } from './connection';
import { can, speech } from './instructions';
import { askStatus, cancel, carrier, placeCall, prepare } from './requests';

export const ari: TelephonyProvider<typeof configuration> = {
  displayName: `${carrier} (ARI)`,
  connectivity: 'sip',
  docsUrl: 'https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/',
  configuration,
  needsPhoneNumber: false,
  needsPublicUrl: true,
  can,
  speech,
  placeCall,
  callbacks,
  prepare,
  askStatus,
  cancel,
  connect,
};
