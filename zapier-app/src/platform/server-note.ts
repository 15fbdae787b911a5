/** What a step says in the editor where the connected server cannot do it. */
import { isTriggerError, type Extension } from '@dograh-trigger/shared';
import type { Bundle, PlainInputField, ZObject } from 'zapier-platform-core';
import { createClient } from './client';

/**
 * A field that holds nothing but the note, and is not there where the server can.
 *
 * @param needs what its `/health` must list.
 * @param note says what does work, in Markdown.
 */
export function serverNote(needs: readonly Extension[], note: string) {
  return async (z: ZObject, bundle: Pick<Bundle, 'authData'>): Promise<PlainInputField[]> => {
    try {
      const { extensions } = await createClient(z, bundle).capabilities();
      if (needs.every((extension) => extensions.has(extension))) return [];
    } catch (error) {
      if (!isTriggerError(error)) throw error;
      // What cannot be asked now is said when the step runs: without its fields the editor could not show the step.
      return [];
    }
    return [
      { key: 'server_note', type: 'copy', helpText: `**The connected server cannot do this.** ${note}` },
    ];
  };
}
