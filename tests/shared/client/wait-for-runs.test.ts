import { isTriggerError, type RunOutcome } from '@dograh-trigger/shared';
import { rejectionOf } from '../../support/caught';
import { json, scriptedClient, type Answer } from '../../support/scripted-client';

function run(id: number, status: string) {
  const isCompleted = status !== 'ringing';
  const fields = { workflow_id: 7, name: 'WR-API-1', mode: 'sandbox', call_type: 'outbound' };
  return json(200, { ...fields, id, created_at: '2026-08-22T03:04:05Z', is_completed: isCompleted, status });
}

/** A server with the statuses of each run, one per read; the last one repeats. */
function clientOf(stories: Record<number, string[]>, count = 40) {
  const answer: Answer = ({ url }) => {
    const id = Number(url.replace(/^.*\//, ''));
    const story = stories[id];
    if (story === undefined) return json(404, { detail: 'Workflow run not found' });
    return run(id, (story.length > 1 ? story.shift() : story[0]) ?? '');
  };
  return scriptedClient(Array<Answer>(count).fill(answer));
}

function summary(outcome: RunOutcome): unknown {
  return 'run' in outcome ? outcome.run.status : outcome.error.code;
}

test('each round reads all runs that have not ended, followed by one pause', async () => {
  const { client, calls, pauses } = clientOf({
    1: ['ringing', 'completed'],
    2: ['busy'],
    3: ['ringing', 'ringing', 'failed'],
  });
  const outcomes = await client.waitForRuns([1, 2, 3], { timeoutSeconds: 60 });
  expect(outcomes.map(summary)).toEqual(['completed', 'busy', 'failed']);
  expect(calls().map((sent) => sent.slice(-1))).toEqual(['1', '2', '3', '1', '3', '3']);
  expect(pauses).toEqual([2, 2]);
});

test('a run that cannot be read, or does not end in time, does not affect the others', async () => {
  const { client } = clientOf({ 1: ['ringing'], 3: ['ringing', 'completed'] });
  const outcomes = await client.waitForRuns([1, 2, 3], { timeoutSeconds: 5 });
  expect(outcomes.map(summary)).toEqual(['wait_timeout', 'not_found', 'completed']);
  expect(outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error.runId] : []))).toEqual([1, 2]);
});

test('the same run twice has two outcomes, and an empty list none', async () => {
  const { client } = clientOf({ 1: ['completed'] });
  expect((await client.waitForRuns([1, 1], { timeoutSeconds: 5 })).map(summary)).toEqual([
    'completed',
    'completed',
  ]);
  expect(await client.waitForRuns([], { timeoutSeconds: 5 })).toEqual([]);
});

test('at most ten reads run in parallel', async () => {
  let inProgress = 0;
  let most = 0;
  const answer: Answer = async ({ url }) => {
    inProgress += 1;
    most = Math.max(most, inProgress);
    await Promise.resolve();
    inProgress -= 1;
    return run(Number(url.replace(/^.*\//, '')), 'completed');
  };
  const { client } = scriptedClient(Array<Answer>(50).fill(answer));
  const ids = Array.from({ length: 50 }, (_, index) => index + 1);
  expect(await client.waitForRuns(ids, { timeoutSeconds: 5 })).toHaveLength(50);
  expect(most).toBe(10);
});

test('canceling ends the whole wait', async () => {
  const controller = new AbortController();
  const answer: Answer = () => {
    controller.abort();
    return run(1, 'ringing');
  };
  const { client } = scriptedClient([answer, answer]);
  const error = await rejectionOf(
    client.waitForRuns([1, 2], { timeoutSeconds: 60, signal: controller.signal }),
  );
  expect([isTriggerError(error), error.code]).toEqual([true, 'canceled']);
});
