/** A model at a fake endpoint, with a clock that the test moves. */
import { chatCompletions } from '../../../trigger-server/src/conversations/model/chat-completions';
import type { Endpoint } from '../../../trigger-server/src/conversations/model/endpoint';
import type { Model, ModelRequest } from '../../../trigger-server/src/conversations/engine/port';
import { systemChance } from '../../../trigger-server/src/clock';
import { readConfig } from '../../../trigger-server/src/config';
import { createAddressGuard } from '../../../trigger-server/src/egress/address-guard';
import { createCarrierHttp } from '../../../trigger-server/src/egress/client';
import { ManualClock } from '../manual-clock';

export interface AskableModel {
  model: Model;
  /** Moves the time limits. */
  pass(milliseconds: number): Promise<void>;
  /** Waits until the model waits this long for something. */
  waits(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

class NoticedClock extends ManualClock {
  private noticed: { milliseconds: number; resolve: () => void }[] = [];

  override after(milliseconds: number, task: () => void): () => void {
    for (const notice of this.noticed) if (notice.milliseconds === milliseconds) notice.resolve();
    return super.after(milliseconds, task);
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.noticed.push({ milliseconds, resolve }));
  }
}

/** @param endpoint what differs from a trusted endpoint with one key. */
export function askableModel(baseUrl: string, endpoint: Partial<Endpoint> = {}): AskableModel {
  const clock = new NoticedClock();
  const carrier = createCarrierHttp({ addressGuard: createAddressGuard([]), clock });
  const services = { config: readConfig({}), chance: systemChance, carrier, clock };
  const whole: Endpoint = {
    kind: 'compatible',
    url: `${baseUrl}/chat/completions`,
    model: 'fake-1',
    apiKeys: ['sk-test-1234'],
    headers: {},
    isTrusted: true,
    ...endpoint,
  };
  return {
    model: chatCompletions(services, whole, 1),
    pass: (milliseconds) => clock.advance(milliseconds, () => Promise.resolve()),
    waits: (milliseconds) => clock.wait(milliseconds),
    close: () => carrier.close(),
  };
}

/** A question of a turn, with what differs. */
export function question(different: Partial<ModelRequest> = {}): ModelRequest {
  return {
    system: 'You are Mia.',
    messages: [{ role: 'user', content: 'Yes, speaking.' }],
    functions: [],
    streamed: true,
    ...different,
  };
}
