/** Asterisk calls back for one thing only: the sound of an announcement. It signs nothing; our HMAC in the URL is the proof. */
import { unsigned, type Callbacks } from '../../port/callback';
import type { AriConfiguration } from './configuration';
import { announcementOf, speechCommand } from './instructions';
import { speak } from './speech';
import { silence } from './wav';

/** By this, and not by an extension of the URL, Asterisk knows the format (res_http_media_cache). */
const contentType = 'audio/wav';

export const callbacks: Callbacks<AriConfiguration> = {
  verify: unsigned,
  readStatus: () => null,
  async answer({ instructions }, _request, tools) {
    const text = announcementOf(instructions);
    if (text === '') return { contentType, body: silence };
    return { contentType, body: await speak(speechCommand(tools.ttsCommand, instructions), text) };
  },
};
