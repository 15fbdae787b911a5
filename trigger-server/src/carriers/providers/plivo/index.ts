/** Plivo: a voice API with form callbacks and answers in XML. */
import { voicemail } from '../../dialects/plivo-xml/calls';
import { can } from '../../dialects/plivo-xml/instructions';
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { speech } from './instructions';
import { callsPerSecond, findCall, listUnderWay, ownsNumber, questionsPerSecond, requests } from './requests';

export const plivo: TelephonyProvider<typeof configuration> = {
  displayName: 'Plivo',
  connectivity: 'api',
  docsUrl: 'https://www.plivo.com/docs/voice/api/call/',
  configuration,
  needsPhoneNumber: true,
  needsPublicUrl: true,
  can,
  speech,
  voicemail,
  callbacks,
  ...requests,
  ownsNumber,
  findCall,
  listUnderWay,
  callsPerSecond,
  questionsPerSecond,
};
