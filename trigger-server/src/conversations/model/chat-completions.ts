/**
 * A language model behind an OpenAI-compatible endpoint: one streamed request a reply, bounded in time and size. It is
 * repeated once, and only while nothing of an answer has come: after a failed connection, a server's error, or a refusal
 * that ends within a second.
 */
import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import { isJsonObject } from '../../http/body/unknown-fields';
import type { Services } from '../../services';
import type { CarrierRequest } from '../../egress/client';
import type { StreamedReply } from '../../egress/streamed';
import { ModelFailure, type Model, type ModelReply, type ModelRequest } from '../engine/port';
import { completionRequest, estimatedTokens } from './completion-request';
import { keyHeader, type Endpoint } from './endpoint';
import { errorCode, failureOf, refusal } from './failures';
import { ReplyReader } from './reply-reader';

const connectMilliseconds = 2000;
/** A turn waits for its first words; an extraction comes in one piece, and nobody listens. */
const turnLimits = { firstByte: 6000, betweenChunks: 4000, whole: 10_000 };
const extractionLimits = { firstByte: 20_000, betweenChunks: 4000, whole: 25_000 };
/** How long a complete answer may keep its connection open; longer, and it is not used again. */
const closingMilliseconds = 200;
const longestWaitMilliseconds = 1000;
const mostReplyBytes = 1024 * 1024;
const mostErrorBytes = 64 * 1024;

type ModelServices = Pick<Services, 'config' | 'carrier' | 'clock' | 'chance'>;

/** A model at this endpoint, asked in the name of an organization. */
export function chatCompletions(services: ModelServices, endpoint: Endpoint, organizationId: number): Model {
  return {
    reply: (request, onText = () => undefined, signal) =>
      new Question(services, endpoint, organizationId, request, onText).answer(signal),
  };
}

/** A failed attempt, and whether another one is safe. */
interface Failed {
  failure: unknown;
  /** Null: not repeated. */
  repeatAfterMilliseconds: number | null;
}

class Question {
  private readonly ended = new AbortController();
  private readonly limits;
  private readonly body: string;
  private readonly asked;
  private firstWordsMilliseconds: number | null = null;

  constructor(
    private readonly services: ModelServices,
    private readonly endpoint: Endpoint,
    private readonly organizationId: number,
    private readonly request: ModelRequest,
    private readonly onText: (text: string) => void,
  ) {
    this.limits = request.streamed ? turnLimits : extractionLimits;
    this.body = JSON.stringify(completionRequest(endpoint, request, services.config.talkLimits.replyTokens));
    this.asked = services.clock.steady().getTime();
  }

  async answer(signal?: AbortSignal): Promise<ModelReply> {
    const stop = this.endAfter(this.limits.whole);
    const end = () => {
      this.ended.abort(signal?.reason);
    };
    signal?.addEventListener('abort', end);
    try {
      signal?.throwIfAborted();
      const first = await this.attempt();
      if (!('failure' in first)) return first;
      if (first.repeatAfterMilliseconds === null) throw first.failure;
      if (first.repeatAfterMilliseconds > 0) await this.wait(first.repeatAfterMilliseconds);
      const second = await this.attempt();
      if ('failure' in second) throw second.failure;
      return second;
    } finally {
      stop();
      signal?.removeEventListener('abort', end);
    }
  }

  private async attempt(): Promise<ModelReply | Failed> {
    const reader = new ReplyReader(this.onText);
    const stopFirstByte = this.endAfter(this.limits.firstByte);
    const limits = { signal: this.ended.signal, unsentMilliseconds: connectMilliseconds };
    try {
      return await this.services.carrier.stream(this.order(), this.organizationId, limits, (reply) => {
        stopFirstByte();
        return this.read(reply, reader);
      });
    } catch (error) {
      const failure = failureOf(error);
      const isPassing =
        failure instanceof ModelFailure && ['unreachable', 'cut_off'].includes(failure.reason);
      return { failure, repeatAfterMilliseconds: isPassing && !reader.hasBegun ? 0 : null };
    } finally {
      stopFirstByte();
    }
  }

  private order(): CarrierRequest {
    const { endpoint, services } = this;
    const { apiKeys } = endpoint;
    const key = apiKeys[apiKeys.length > 1 ? services.chance.integer(0, apiKeys.length - 1) : 0];
    return {
      method: 'POST',
      url: endpoint.url,
      headers: {
        'content-type': 'application/json',
        accept: this.request.streamed ? 'text/event-stream, application/json' : 'application/json',
        ...endpoint.headers,
        ...(key === undefined ? {} : keyHeader(endpoint, key)),
      },
      body: this.body,
      ...(endpoint.isTrusted ? {} : { guarded: true }),
    };
  }

  private async read(reply: StreamedReply, reader: ReplyReader): Promise<ModelReply | Failed> {
    if (reply.status !== 200) return this.refused(reply);
    const isStream = reply.contentType.includes('event-stream');
    if (isStream) await this.readEvents(reply.body, reader);
    else {
      reader.add(await this.readText(reply.body, mostReplyBytes));
      this.noteFirstWords(reader);
    }
    const collected = reader.finished(isStream);
    const { text, calls } = collected;
    return {
      text,
      calls,
      usage: collected.usage ?? {
        promptTokens: estimatedTokens(this.body.length),
        completionTokens: estimatedTokens(text.length + JSON.stringify(calls).length),
        cachedTokens: null,
      },
      model: collected.model ?? this.endpoint.model,
      firstWordsMilliseconds: this.firstWordsMilliseconds ?? 0,
    };
  }

  /** @returns when `[DONE]` or the end has come, or the text is as long as it may be. */
  private async readEvents(body: Readable, reader: ReplyReader): Promise<void> {
    const parser = createParser({
      onEvent: ({ data }) => {
        reader.add(data);
        this.noteFirstWords(reader);
      },
      maxBufferSize: mostReplyBytes,
    });
    const decoder = new TextDecoder();
    let bytes = 0;
    let stop = this.endAfter(this.limits.betweenChunks);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        stop();
        bytes += chunk.length;
        if (bytes > mostReplyBytes) throw tooLong();
        parser.feed(decoder.decode(chunk, { stream: true }));
        if (reader.isFull) return;
        stop = reader.isDone
          ? this.services.clock.after(closingMilliseconds, () => body.destroy())
          : this.endAfter(this.limits.betweenChunks);
      }
      // The last event may lack the empty line that ends it.
      parser.feed(`${decoder.decode()}\n\n`);
    } catch (error) {
      if (!reader.isDone) throw error;
    } finally {
      stop();
    }
  }

  private async refused(reply: StreamedReply): Promise<Failed> {
    const text = await this.readText(reply.body, mostErrorBytes);
    const code = errorCode(parsed(text));
    const failure = refusal(reply.status, code);
    // Groq: the model's call was malformed, and the same request usually works.
    const isPassing = reply.status >= 500 || code === ' (tool_use_failed)';
    const wait = Number(reply.retryAfter ?? Number.NaN) * 1000;
    if (wait > longestWaitMilliseconds) return { failure, repeatAfterMilliseconds: null };
    if (wait >= 0) return { failure, repeatAfterMilliseconds: wait };
    return { failure, repeatAfterMilliseconds: isPassing ? 0 : null };
  }

  private async readText(body: Readable, mostBytes: number): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stop: () => void = () => undefined;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        stop();
        bytes += chunk.length;
        if (bytes > mostBytes) throw tooLong();
        chunks.push(chunk);
        stop = this.endAfter(this.limits.betweenChunks);
      }
    } finally {
      stop();
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  private noteFirstWords(reader: ReplyReader): void {
    if (!reader.hasBegun || this.firstWordsMilliseconds !== null) return;
    this.firstWordsMilliseconds = this.services.clock.steady().getTime() - this.asked;
  }

  private endAfter(milliseconds: number): () => void {
    return this.services.clock.after(milliseconds, () => {
      this.ended.abort(new ModelFailure('The model did not answer in time', 'stalled'));
    });
  }

  private wait(milliseconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this.ended;
      const stop = this.services.clock.after(milliseconds, resolve);
      signal.addEventListener('abort', () => {
        stop();
        reject(signal.reason as ModelFailure);
      });
    });
  }
}

function parsed(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function tooLong(): ModelFailure {
  return new ModelFailure('The model sent more than a reply may hold', 'unreadable');
}
