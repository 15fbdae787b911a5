/**
 * Asterisk sends one kind of callback: it requests the sound of an announcement. It signs nothing, so only our HMAC in
 * the URL protects it.
 */
import { unsigned, type Callbacks } from '../../port/callback';
import type { AriConfiguration } from './configuration';
import { soundOf } from './speech';
import { silence } from './sound/wav';

/** Asterisk derives the format from this type, not from the URL's extension (res_http_media_cache). */
const contentType = 'audio/wav';

export const callbacks: Callbacks<AriConfiguration> = {
  verify: unsigned,
  readStatus: () => null,
  async answer({ instructions }, _request, tools) {
    return { contentType, body: (await soundOf(instructions, tools, () => 'now')) ?? silence };
  },
};
