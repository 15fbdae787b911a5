/** What goes wrong around a call through a real Asterisk: nobody hears silence, and the run says what happened. */
import { writeFileSync } from 'node:fs';
import { sleep } from '@dograh-trigger/shared/axios';
import { until } from '../until';
import { ariUser } from './pbx';
import { announcement, between, outcome, phone, Scene, spoken } from './scene';

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.open();
}, 600_000);
afterAll(() => scene.close());
afterEach(async () => {
  expect(await scene.countUnfinished()).toBe(0);
});

/** Restarts the server with another TTS_COMMAND, or with the usual one. */
async function restart(changes: Record<string, string> = {}): Promise<void> {
  await scene.server.stop();
  await scene.startServer(changes);
}

describe('with a program that takes three seconds to speak', () => {
  beforeAll(async () => {
    const program = `${scene.folder}/slow`;
    writeFileSync(program, `#!/bin/sh\nsleep 3\nexec ${scene.espeak}\n`, { mode: 0o755 });
    await restart({ TTS_COMMAND: program });
    await until('the server is ready', () => scene.isReady(scene.trunk));
  });
  afterAll(async () => {
    await restart();
    await until('the server is ready', () => scene.isReady(scene.trunk));
  });

  /** The milliseconds from the answer, or another moment, to the first sound in the ear of the callee. */
  function silenceAfter(moment: number): number {
    return (scene.pbx.network.soundSince(moment)[0] ?? Infinity) - moment;
  }

  test('a callee who answers after four seconds hears it within half a second', async () => {
    const run = await scene.ended(await scene.call(phone.answersLate));
    expect(outcome(run)).toMatchObject({ status: 'completed', disposition: 'end_call_tool' });
    expect(silenceAfter(scene.pbx.network.lastAnswer())).toBeLessThan(500);
  });

  test('a callee who answers sooner hears it as soon as it is spoken', async () => {
    const other = await scene.agentThat(
      { ring_timeout_seconds: 5 },
      'Good morning {{user.name}}, it is ready.',
    );
    const before = Date.now();
    const run = await scene.ended(await scene.call(phone.listens, other));
    expect(outcome(run)).toMatchObject({ status: 'completed', disposition: 'end_call_tool' });
    expect(silenceAfter(before)).toEqual(between(3000, 4000));
  });
});

test('without a program that speaks, the configuration is not ready and no phone is dialled', async () => {
  await restart({ TTS_COMMAND: '/nothing/espeak-ng' });
  await until('the reason is known', async () => {
    return (await scene.blockedReason(scene.trunk))?.includes('The TTS_COMMAND could not be run') === true;
  });
  const refusal = await scene.trigger(phone.listens).expect(400);
  expect(refusal.body).toMatchObject({ code: 'telephony_not_ready' });
  expect(refusal.headers).not.toHaveProperty('retry-after');
  await restart();
  await until('the server is ready', () => scene.isReady(scene.trunk));
});

test('a call whose announcement cannot be spoken ends before anybody answers, with the reason', async () => {
  const program = `${scene.folder}/brief`;
  // It speaks the word that checks it, and nothing else.
  const script = [
    '#!/bin/sh',
    'read -r text',
    '[ "$text" = Hello ] || exit 1',
    `echo Hello | ${scene.espeak}`,
  ];
  writeFileSync(program, `${script.join('\n')}\n`, { mode: 0o755 });
  await restart({ TTS_COMMAND: program });
  await until('the server is ready', () => scene.isReady(scene.trunk));
  const answered = scene.pbx.network.lastAnswer();
  const run = await scene.ended(await scene.call(phone.answersLate));
  expect(outcome(run)).toEqual({ status: 'failed', disposition: 'pipeline_error', seconds: 0 });
  expect(run.reason).toBe('announcement_failed');
  expect(run.gathered_context?.error).toContain('The TTS_COMMAND failed (1)');
  expect(scene.pbx.network.lastAnswer()).toBe(answered);
  await restart();
  await until('the server is ready', () => scene.isReady(scene.trunk));
});

test('a callee who hangs up during the announcement: the transcript has what was heard', async () => {
  const run = await scene.ended(await scene.call(phone.interrupts));
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'user_hangup', seconds: between(1, 2) });
  const [heard = ''] = spoken(run);
  // 1.2 of about 4 seconds.
  expect(announcement.startsWith(heard)).toBe(true);
  expect(heard.length / announcement.length).toEqual(between(0.15, 0.4));
});

test('a call that is cancelled during the announcement: the transcript has what was heard', async () => {
  const before = Date.now();
  const runId = await scene.call(phone.listens);
  const { network } = scene.pbx;
  await until('the callee hears it', () => Promise.resolve(network.soundSince(before).length > 50));
  await scene.cancel(runId).expect(202);
  const run = await scene.ended(runId);
  expect(outcome(run)).toMatchObject({ status: 'completed', disposition: 'canceled' });
  expect(run.gathered_context).not.toHaveProperty('error');
  const [heard = ''] = spoken(run);
  expect(announcement.startsWith(heard)).toBe(true);
  expect(heard.length / announcement.length).toEqual(between(0.15, 0.5));
});

test('a callee who hangs up at once: the call is completed each time, and nothing was heard', async () => {
  for (let count = 0; count < 8; count += 1) {
    const run = await scene.ended(await scene.call(phone.hangsUpAtOnce));
    expect(outcome(run)).toEqual({ status: 'completed', disposition: 'user_hangup', seconds: 0 });
    expect(spoken(run)).toEqual([]);
  }
});

test('a cancellation at the moment of the answer cancels the call, before or after it', async () => {
  // This phone answers 500 ms after it began to ring.
  for (const milliseconds of [440, 470, 490, 500, 510, 520, 530, 560]) {
    const runId = await scene.call(phone.listens);
    await scene.reaches(runId, 'ringing');
    await sleep(milliseconds - 50);
    const reply = await scene.cancel(runId);
    const { status, disposition } = outcome(await scene.ended(runId));
    expect({ reply: reply.status, disposition }).toEqual({ reply: 202, disposition: 'canceled' });
    expect(['canceled', 'completed']).toContain(status);
  }
});

test('a trunk on which nothing listens makes the phone unreachable', async () => {
  const dead = await scene.configure('Dead', 'PJSIP/{number}@dead');
  const run = await scene.ended(await scene.call(phone.listens, scene.agent, dead));
  expect(outcome(run)).toEqual({ status: 'failed', disposition: 'failed', seconds: 0 });
  expect(run.reason).toBe('unreachable');
});

test('a network that only says that it tries has no answer', async () => {
  const run = await scene.ended(await scene.call(phone.isSearched));
  expect(outcome(run)).toEqual({ status: 'no-answer', disposition: 'no-answer', seconds: 0 });
  expect(run.reason).toBe('no_answer');
});

test('a call whose Asterisk dies counts until then', async () => {
  const runId = await scene.call(phone.listens);
  await until('the announcement is played', () => scene.pbx.isAnnouncing());
  await scene.pbx.crash();
  await sleep(5000);
  await scene.pbx.start();
  expect(outcome(await scene.ended(runId))).toEqual({
    status: 'completed',
    disposition: 'unknown',
    seconds: between(0, 1),
  });
  await until('the server is connected again', () => scene.isReady(scene.trunk), 40);
});

test('a callee who answers after a stop signal hears the whole announcement before the server ends', async () => {
  const runId = await scene.call(phone.answersLate);
  await scene.reaches(runId, 'ringing');
  expect(await scene.server.stop()).toBe(0);
  await scene.startServer();
  const run = await scene.ended(runId);
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'end_call_tool', seconds: between(3, 8) });
  expect(spoken(run)).toEqual([announcement]);
  await until('the server is connected again', () => scene.isReady(scene.trunk));
});

test('a phone that still rings after DRAIN_SECONDS is silenced before the server ends, and its run says why', async () => {
  await restart({ DRAIN_SECONDS: '1' });
  await until('the server is ready', () => scene.isReady(scene.trunk));
  const runId = await scene.call(phone.rings);
  await scene.reaches(runId, 'ringing');
  expect(await scene.server.stop()).toBe(0);
  await scene.startServer();
  const run = await scene.ended(runId);
  expect(outcome(run)).toEqual({ status: 'canceled', disposition: 'canceled', seconds: 0 });
  expect(run.gathered_context?.error).toContain('The server was stopped');
  await until('the server is connected again', () => scene.isReady(scene.trunk));
});

test('after a change of the password the reason names it, and a callee who answers is hung up on at once', async () => {
  const { network } = scene.pbx;
  const before = Date.now();
  const runId = await scene.call(phone.answersLate);
  await scene.reaches(runId, 'ringing');
  scene.pbx.changePassword('another-password');
  await until('the reason is known', async () => {
    return (await scene.blockedReason(scene.trunk))?.includes('app_password') === true;
  });
  await scene.trigger(phone.listens).expect(400);
  await until('the phone was hung up on', () => Promise.resolve(network.lastHangup() > before));
  expect(network.lastHangup() - network.lastAnswer()).toEqual(between(0, 500));
  scene.pbx.changePassword(ariUser.app_password);
  await until('the server is connected again', () => scene.isReady(scene.trunk), 40);
  expect((await scene.ended(runId)).is_completed).toBe(true);
});
