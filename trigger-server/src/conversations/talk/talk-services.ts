import type { Services } from '../../services';

/** What a conversation needs. */
export type TalkServices = Pick<
  Services,
  | 'config'
  | 'storage'
  | 'clock'
  | 'chance'
  | 'thisProcess'
  | 'secrets'
  | 'carrier'
  | 'languageModel'
  | 'log'
  | 'background'
>;
