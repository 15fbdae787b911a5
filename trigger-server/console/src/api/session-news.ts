/** News among the tabs of this browser, which share one session: somebody has signed in or out in another tab. */

let opened: BroadcastChannel | undefined;

/** A channel passes on what others have sent, so one object for both directions never hears itself. */
function channel(): BroadcastChannel {
  opened ??= new BroadcastChannel('session');
  return opened;
}

/** @param userId who is signed in now; null for nobody. */
export function announceSession(userId: number | null): void {
  channel().postMessage(userId);
}

/** @param listener called with the user who is signed in now, or null. @returns a function that ends it. */
export function onSessionElsewhere(listener: (userId: number | null) => void): () => void {
  const heard = ({ data }: MessageEvent<unknown>) => {
    listener(typeof data === 'number' ? data : null);
  };
  channel().addEventListener('message', heard);
  return () => {
    channel().removeEventListener('message', heard);
  };
}
