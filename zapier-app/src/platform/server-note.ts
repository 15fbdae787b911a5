/** The editor's note for a step that the connected server does not support. */
import { isTriggerError, type Extension } from '@dograh-trigger/shared';
import type { Bundle, PlainInputField, ZObject } from 'zapier-platform-core';
import { createClient } from './client';

/**
 * A field with the note only; no field if the server supports the step.
 *
 * @param needs the extensions that its `/health` must list.
 * @param note the alternative to use, in Markdown.
 */
export function serverNote(needs: readonly Extension[], note: string) {
  return async (z: ZObject, bundle: Pick<Bundle, 'authData'>): Promise<PlainInputField[]> => {
    try {
      const { extensions } = await createClient(z, bundle).capabilities();
      if (needs.every((extension) => extensions.has(extension))) return [];
    } catch (error) {
      if (!isTriggerError(error)) throw error;
      // No note if the server cannot be reached: an error would keep the editor from showing the step, and the step
      // reports the problem when it runs.
      return [];
    }
    return [
      { key: 'server_note', type: 'copy', helpText: `**The connected server cannot do this.** ${note}` },
    ];
  };
}
