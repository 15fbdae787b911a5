/**
 * Hears of the browser's back button before the router does. Listeners of the window are called in the order in which they
 * came, so `main.tsx` imports this module first.
 */

/** @returns whether the screen stays; then nobody else hears of it. */
type Guard = () => boolean;

let guard: Guard | null = null;

window.addEventListener('popstate', (event) => {
  if (guard?.() === true) event.stopImmediatePropagation();
});

/** One screen at a time guards the button. @returns a function that ends it. */
export function guardBackButton(newGuard: Guard): () => void {
  guard = newGuard;
  return () => {
    if (guard === newGuard) guard = null;
  };
}
