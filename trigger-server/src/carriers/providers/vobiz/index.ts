/** Vobiz: a voice API for India and beyond, with form callbacks and answers in XML. */
import { voicemail } from '../../dialects/plivo-xml/calls';
import { can } from '../../dialects/plivo-xml/instructions';
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { speech } from './instructions';
import { listUnderWay, ownsNumber, questionsPerSecond, requests } from './requests';

export const vobiz: TelephonyProvider<typeof configuration> = {
  displayName: 'Vobiz',
  connectivity: 'api',
  docsUrl: 'https://docs.vobiz.ai/call/make-call',
  configuration,
  needsPhoneNumber: true,
  needsPublicUrl: true,
  can,
  speech,
  voicemail,
  callbacks,
  ...requests,
  ownsNumber,
  listUnderWay,
  questionsPerSecond,
  needsRingTimer: true,
};
