/** The keys that every editor has: save, undo and redo. */
import { useEffect, useEffectEvent } from 'react';
import type { Editor } from './use-editor';
import type { Saving } from './use-saving';

/** In a text field the browser's own undo comes first: it takes back the last letters. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}

export function useShortcuts(editor: Editor, saving: Saving): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 's') {
      event.preventDefault();
      // A refusal is shown on the screen.
      if (editor.isDirty && !saving.isPending) saving.save().catch(() => undefined);
      return;
    }
    if (isTyping(event.target)) return;
    const isRedo = key === 'y' || (key === 'z' && event.shiftKey);
    if (key !== 'z' && !isRedo) return;
    event.preventDefault();
    if (isRedo) editor.redo();
    else editor.undo();
  });
  useEffect(() => {
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
