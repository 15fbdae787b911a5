/** A carrier that requests documents and follows them, while its report of a machine and our redirect come at any time. */
import fc from 'fast-check';
import type { CallbackPurpose } from '../../../trigger-server/src/carriers/port/purpose';
import { EndingsScene, type PlacedCall, type Report } from '../../support/endings';

const text = 'Please call us back.';
const inProgress = { CallStatus: 'in-progress' };
const detected = { ...inProgress, Event: 'MachineDetection', Machine: 'true' };

/** The report that makes the message due. */
const machines = {
  twilio: { report: 'machine', fields: { AnsweredBy: 'machine_end_beep' } },
  plivo: { report: 'status', fields: detected },
  vobiz: { report: 'status', fields: detected },
  vonage: { report: 'status', fields: { status: 'machine', sub_state: 'beep_start' } },
} as const satisfies Record<string, Report>;

/** A callee who is followed for longer than any call waits for a message. */
const mostRequests = 40;

/** The purpose of the address that a document leads to; null: the call ends with this document. */
function nextIn(document: string): CallbackPurpose | null {
  const addresses = [...document.matchAll(/\/telephony\/callbacks\/\w+\/(\w+)\//g)];
  return (addresses.at(-1)?.[1] as CallbackPurpose | undefined) ?? null;
}

interface Timing {
  /** The number of requests before the machine is reported. */
  machineAfter: number;
  /** How often it is reported. */
  reports: number;
  /** The number of requests between that report and the arrival of our redirect; null: it is lost. */
  redirectAfter: number | null;
}

describe.each(Object.keys(machines) as (keyof typeof machines)[])('%s', (name) => {
  let scene: EndingsScene;
  beforeAll(async () => {
    scene = await EndingsScene.open(name);
  });
  afterAll(() => scene.close());

  const request = (call: PlacedCall, purpose: CallbackPurpose) =>
    scene.ask(call, { report: purpose, fields: name === 'vonage' ? {} : inProgress });

  /** @returns how often the message was spoken to the carrier. */
  async function follow(call: PlacedCall, { machineAfter, reports, redirectAfter }: Timing): Promise<number> {
    let spoken = 0;
    let next: CallbackPurpose | null = 'answer';
    for (let count = 0; next !== null && count < mostRequests; count += 1) {
      if (count === machineAfter) {
        for (let time = 0; time < reports; time += 1) await scene.ask(call, machines[name]);
      }
      const isRedirected = redirectAfter !== null && count === machineAfter + redirectAfter;
      const document: string = await request(
        call,
        isRedirected && scene.commands().length > 0 ? 'redirected' : next,
      );
      if (document.includes(text)) spoken += 1;
      next = nextIn(document);
    }
    expect(next).toBeNull();
    return spoken;
  }

  const place = () => scene.place({ action: 'leave_message', message: text });
  const before = { machineAfter: fc.integer({ min: 1, max: 3 }), reports: fc.integer({ min: 1, max: 2 }) };

  test('a message is left once if our redirect is lost, or arrives before the next request', async () => {
    const timings = fc.record({ ...before, redirectAfter: fc.constantFrom(null, 0) });
    await fc.assert(
      fc.asyncProperty(timings, async (timing) => {
        const call = await place();
        expect(await follow(call, timing)).toBe(1);
        expect((await scene.read(call.runId)).voicemail_left).toBe(true);
        expect(await request(call, 'message')).not.toContain(text);
      }),
      { numRuns: 12 },
    );
  });

  test('a redirect that arrives late makes no message begin twice', async () => {
    const timings = fc.record({ ...before, redirectAfter: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(timings, async (timing) => {
        expect(await follow(await place(), timing)).toBe(1);
      }),
      { numRuns: 12 },
    );
  });
});
