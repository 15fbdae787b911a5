/** A callee behind a loopback Asterisk, who listens to what the server says, and answers. */
import { soundWith, textIn } from '../../spoken-text';
import type { ReceivedRequest } from '../../local-server';
import { channelEvent, channelOf, playbackDone, type Ari } from '../ari';
import { publicBaseUrl } from './call';

export class AriCallee {
  readonly #channel: string;
  /** The channel of the person to whom the callee is handed over in this turn. */
  readonly legOf = (turn: number): string => `${this.#channel}-transfer-${String(turn)}`;

  constructor(
    private readonly vendor: Ari,
    dial: ReceivedRequest,
  ) {
    this.#channel = channelOf(dial);
  }

  get channel(): string {
    return this.#channel;
  }

  /** The callee hears that it rings at the person whom the agent calls. */
  async rings(): Promise<void> {
    await this.ordered('POST', `/ari/channels/${this.#channel}/ring`);
  }

  pickUp(): void {
    this.vendor.happen(this.#channel, 'answered');
  }

  hangUp(): void {
    this.vendor.happen(this.#channel, 'completed');
  }

  /** The request that Asterisk has got. @param nth 1: the first of them. */
  async ordered(method: string, path: string, nth = 1): Promise<ReceivedRequest> {
    for (;;) {
      const found = this.vendor.requests.filter((one) => one.method === method && one.url.startsWith(path));
      const request = found[nth - 1];
      if (request !== undefined) return request;
      await fetch(`${this.vendor.origin}/ari/none`);
    }
  }

  /** How often Asterisk has got such a request. */
  countOf(method: string, path: string): number {
    return this.vendor.requests.filter((one) => one.method === method && one.url.startsWith(path)).length;
  }

  /** What is said; its playback goes on. @param name of the playback, such as `talk-0`. */
  async isTold({ baseUrl }: { baseUrl: string }, name: string, nth = 1): Promise<string> {
    const order = await this.ordered(
      'POST',
      `/ari/channels/${this.#channel}/play/${this.#channel}-${name}?`,
      nth,
    );
    const media = new URL(order.url, 'http://ari').searchParams.get('media') ?? '';
    const path = media.replace('sound:', '').slice(publicBaseUrl.length);
    const sound = await fetch(`${baseUrl}${path}`);
    if (sound.headers.get('content-type') !== 'audio/wav') throw new Error('This is no sound');
    return textIn(Buffer.from(await sound.arrayBuffer()));
  }

  /** The playback is over. */
  heardOut(name: string): void {
    const id = `${this.#channel}-${name}`;
    this.vendor.playbacks.delete(id);
    this.vendor.send(playbackDone(this.#channel, id));
  }

  /** What is said, to its end. */
  async hears(server: { baseUrl: string }, name: string, nth = 1): Promise<string> {
    const text = await this.isTold(server, name, nth);
    this.heardOut(name);
    return text;
  }

  /** The callee is recorded in this turn. */
  async isListenedTo(turn: number, nth = 1): Promise<void> {
    const name = `${this.#channel}-turn-${String(turn)}`;
    await this.ordered('POST', `/ari/channels/${this.#channel}/record?name=${name}&`, nth);
  }

  /** Says it, once the callee is recorded. */
  async says(turn: number, text: string, nth = 1): Promise<void> {
    await this.isListenedTo(turn, nth);
    this.vendor.microphone = soundWith(text);
    this.begins();
    this.vendor.send(channelEvent('ChannelTalkingFinished', this.#channel, 'Up', { duration: 900 }));
  }

  /** Begins to talk. */
  begins(): void {
    this.vendor.send(channelEvent('ChannelTalkingStarted', this.#channel, 'Up'));
  }

  /** The server has hung up, and the channel ends. */
  async isHungUpOn(): Promise<void> {
    while (!this.wasHungUpOn) await fetch(`${this.vendor.origin}/ari/none`);
    this.hangUp();
  }

  get wasHungUpOn(): boolean {
    const url = `/ari/channels/${this.#channel}`;
    return this.vendor.requests.some((one) => one.method === 'DELETE' && one.url === url);
  }
}
