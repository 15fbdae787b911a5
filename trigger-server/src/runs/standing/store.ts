/** Queries about all organizations, for the metrics. They walk through the indexes of unfinished runs alone. */
import { textChatMode } from '@dograh-trigger/shared';
import { backlogOf } from '../../storage/backlog';
import { query, type ParameterMaker } from '../../storage/query';

export const openRunsQuery = query((db) =>
  db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('completed_at', 'is', null)
    .where('due_at', 'is', null)
    .where('mode', '<>', textChatMode),
);

export const dueFollowUpsQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  backlogOf(
    db,
    db
      .selectFrom('runs')
      .select('follow_up_at as since')
      .where('completed_at', 'is', null)
      .where('follow_up_at', '<=', param('now'))
      .orderBy('follow_up_at'),
  ),
);
