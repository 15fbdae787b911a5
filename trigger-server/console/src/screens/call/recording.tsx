/** The player of a call's recording, and its download. */
import { useState } from 'react';
import { apiPath } from '../../api/http';

/** @param token opens the files of this call. Every read of the call has another one. */
export function Recording({ token, runId }: { token: string; runId: number }) {
  // With the first one all along: with another address the player would begin anew.
  const [path] = useState(`/public/download/workflow/${token}/recording`);
  return (
    <>
      <audio controls preload="metadata" src={apiPath(path, { inline: true })} aria-label="Recording" />
      <p>
        <a href={apiPath(path)} download={`call-${String(runId)}`}>
          Download the recording
        </a>
      </p>
    </>
  );
}
