/**
 * Asterisk over its REST interface: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/
 *
 * A call has an announcement, or a conversation that speaks and records in turn. A stream would need a media server, as a
 * relay between Asterisk's media (RTP, or its own WebSocket protocol) and a `wss://` URL with another protocol.
 *
 * Not offered: machine detection and a check of number ownership. Both depend on the trunk behind Asterisk.
 */
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { connect } from './connection';
import { can, speech, whyNoTalk } from './instructions';
import { askStatus, cancel, carrier, placeCall, prepare, verify } from './requests';
import { findSpeechFault } from './speech';

export const ari: TelephonyProvider<typeof configuration> = {
  displayName: `${carrier} (ARI)`,
  connectivity: 'sip',
  docsUrl: 'https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/',
  configuration,
  needsPhoneNumber: false,
  needsPublicUrl: true,
  can,
  whyNoTalk,
  speech,
  placeCall,
  callbacks,
  verify,
  findLocalFault: findSpeechFault,
  prepare,
  askStatus,
  cancel,
  connect,
};
