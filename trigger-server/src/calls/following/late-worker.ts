/**
 * Reads the results again that were not there when their call ended, in longer and longer pauses: those of another server
 * that held it, or those of a conversation here that was cut off. Each is a row in the database, so a restart loses none.
 * What another server says is added to the run, and changes nothing that the run says already, but that it is unknown how
 * the call ended.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import { conversationEvents } from '../../artifacts/transcript';
import { outcomes } from '../../carriers/port/outcomes';
import type { Conversation, StatusReport } from '../../carriers/port/report';
import { concludeTalk } from '../../conversations/talk/conclude-talk';
import type { TalkServices } from '../../conversations/talk/talk-services';
import { describeError } from '../../describe-error';
import { every } from '../../every';
import { noteReportedUsage } from '../../runs/reported-usage';
import { appendRunEvents } from '../../runs/run-log';
import { findRunState, saveRunState, type RunState } from '../../runs/run-state';
import { findRun } from '../../runs/runs';
import { concludedRun, explained } from '../../runs/transitions';
import type { Services } from '../../services';
import { openCallOf } from '../../telephony/open-call';
import type { CarrierServices } from '../../telephony/tools';
import { rememberDisposition } from '../../usage/dispositions';
import { createNamedTurns, createTurns } from '../../turns';
import type { Worker } from '../../workers/worker';
import { addIfAsked, lockIfAsked } from '../policy/do-not-call/asked-in-call';
import { isFollowed, mostTries, nextTry } from './late';
import { claimQuery, deleteQuery, dueQuery, scheduleQuery, type LateResults } from './late-store';

type Needs = CarrierServices & TalkServices & Pick<Services, 'artifactsReady' | 'deliveryAlarm'>;

const roundMilliseconds = 5000;
/** Known at once. The rest follows in later rounds. */
const mostKnown = 1000;
/** Each may wait for the model of its organization, which may stall. */
const atOnce = 32;
const atOnceEach = 4;
/** Longer than reading a run and its transcript. */
const leaseMilliseconds = 60_000;

const failure = 'late results could not be read; it is tried again';

export function lateResults(services: Needs): Worker {
  return {
    name: 'late-results',
    role: 'worker',
    start() {
      const reader = new LateReader(services);
      const loop = every(services, roundMilliseconds, failure, () => reader.beginDue());
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await reader.stop();
        },
      };
    },
  };
}

/** Reads what is due, some of each organization at once. A round does not wait for the ones before. */
export class LateReader {
  private readonly all = createTurns({ atOnce });
  private readonly each = createNamedTurns({ atOnce: atOnceEach });
  /** By the id of the run. */
  private readonly underWay = new Map<number, Promise<void>>();
  private isStopped = false;

  constructor(private readonly services: Needs) {}

  async beginDue(): Promise<void> {
    const { storage, clock } = this.services;
    const due = await dueQuery.all(storage.read, { now: clock.now().toISOString(), limit: mostKnown });
    for (const { run_id: runId, organization_id: organizationId } of due) {
      if (!this.underWay.has(runId)) this.begin(runId, organizationId);
    }
  }

  /** Resolves once those under way have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  /** Begins nothing more. Resolves once those under way have ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.ended();
  }

  private begin(runId: number, organizationId: number): void {
    const read = this.each
      .run(String(organizationId), () => this.all.run(() => this.claimAndRead(runId)))
      .catch((error: unknown) => {
        const fields = { runId, error: describeError(error) };
        this.services.log.warn(fields, 'the late results of a call could not be read');
      })
      .then(() => {
        this.underWay.delete(runId);
      });
    this.underWay.set(runId, read);
  }

  private async claimAndRead(runId: number): Promise<void> {
    if (this.isStopped) return;
    const { storage, clock } = this.services;
    const now = clock.now();
    const leaseEnd = new Date(now.getTime() + leaseMilliseconds).toISOString();
    const [late] = await storage.write((session) =>
      claimQuery.all(session, { runId, now: now.toISOString(), leaseEnd }),
    );
    if (late !== undefined) await tryOnce(this.services, late);
  }
}

async function tryOnce(services: Needs, late: LateResults): Promise<void> {
  const { run_id: runId, tries } = late;
  const isLast = tries >= mostTries;
  // Before the reading, so that a try that fails is followed by the next one.
  if (!isLast) {
    const nextTryAt = nextTry(services, tries);
    await services.storage.write((session) => scheduleQuery.changes(session, { runId, tries, nextTryAt }));
  }
  let results: Results | null = null;
  try {
    results = await readAgain(services, late, !isLast);
    if (results?.isComplete === false && !isLast) return;
  } catch (error) {
    if (!isLast) throw error;
    services.log.warn({ runId, error: describeError(error) }, 'the late results of a call were given up');
  }
  await take(services, late, results);
}

/** `report`: of the server that held the call; null: a conversation of this one. */
interface Results {
  isComplete: boolean;
  conversation: Conversation | null;
  report: StatusReport | null;
}

/** @returns null where nothing can come any more. @throws what reading may throw. */
async function readAgain(
  services: Needs,
  { run_id: runId, attempt }: LateResults,
  needsAll: boolean,
): Promise<Results | null> {
  const run = await findRun(services.storage.read, runId);
  if (run?.attempt !== attempt || run.erased_at !== null) return null;
  if (!isFollowed(run.mode)) {
    const found = await concludeTalk(services, { runId, attempt }, run.disposition);
    if (found === 'none') return null;
    return { isComplete: found !== null, conversation: found, report: null };
  }
  const open = await openCallOf(services, run);
  const follow = open?.provider.follow;
  if (open?.call == null || follow === undefined) return null;
  const { isComplete, report } = await follow.read(
    open.configuration,
    { ...open.call, record: false, needsAll },
    open.tools,
  );
  return { isComplete, conversation: report.conversation ?? null, report };
}

async function take(
  services: Needs,
  { run_id: runId, attempt, tries }: LateResults,
  results: Results | null,
): Promise<void> {
  const conversation = results?.conversation ?? null;
  const report = results?.report ?? null;
  const at = services.clock.now();
  await services.storage.write(async (session) => {
    await lockIfAsked(session, runId, conversation ?? undefined);
    await session.lock('run', runId);
    if ((await deleteQuery.changes(session, { runId, tries })) === 0) return;
    const run = await findRunState(session, runId);
    if (run === undefined) return;
    const isSame = run.attempt === attempt && run.completed_at !== null && run.erased_at === null;
    if (isSame && conversation !== null) {
      const events = run.has_transcript === 1 ? [] : conversationEvents(conversation.utterances, at);
      if (events.length > 0) await appendRunEvents(session, runId, events, at.toISOString());
      await noteReportedUsage(session, runId, conversation);
      const gathered = JSON.parse(run.gathered_context) as JsonObject;
      // What another server says is older than the run. A conversation here is concluded after it.
      const merged =
        report === null
          ? { ...gathered, ...conversation.gathered }
          : { ...conversation.gathered, ...gathered };
      const has_transcript = events.length > 0 ? 1 : run.has_transcript;
      const told = report === null ? concludedRun(run, conversation) : (explained(run, report) ?? run);
      if (report !== null) noteContradiction(services, run, report);
      if (told.disposition !== null) await rememberDisposition(session, runId, told.disposition);
      await saveRunState(
        session,
        { ...told, has_transcript, gathered_context: JSON.stringify(merged) },
        null,
      );
      const { disposition, gathered: said } = conversation;
      await addIfAsked(services, session, { ...run, disposition, gathered_context: JSON.stringify(said) });
    }
    await services.artifactsReady(session, runId);
  });
  // Its own events may have waited for this, and those of the calls that it has canceled are due.
  services.deliveryAlarm.ringIn(0);
}

/** The first end of a run stands. */
function noteContradiction({ log }: Needs, run: RunState, report: StatusReport): void {
  if (report.status !== 'ended') return;
  const { status } = outcomes[report.outcome];
  if (status === run.status) return;
  const fields = { runId: run.id, status: run.status, saidLate: status };
  log.warn(fields, 'another server says late that a call ended in another way; its run stays as it is');
}
