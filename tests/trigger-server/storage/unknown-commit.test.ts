/** What becomes of a write whose commit was sent, and whose fate nobody could say. */
import { UnknownCommit } from '../../../trigger-server/src/storage/port';
import { toPortError } from '../../../trigger-server/src/storage/postgres/failures';

test.each(['ECONNREFUSED', '57P03', '55P03', '08006'])(
  'a commit that is unknown because of %s is never said to have changed nothing',
  (code) => {
    const cause = Object.assign(new Error('Connection terminated unexpectedly'), { code });
    const unknown = new UnknownCommit(cause.message, cause);
    expect(toPortError(unknown)).toBe(unknown);
  },
);
