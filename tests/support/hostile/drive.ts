/**
 * Sends hostile requests, and reports those that blocked the event loop, took more than linear CPU time, or crashed
 * the server.
 */
import { bodies, texts, type Shape } from './fillings';
import type { HostileRequest, Measured, MeasuredServer } from './measured-server';
import type { Operation } from '../operations';
import { placesIn, type Place } from './places';

/** Slightly below the limit of a body, because some fillings exceed the requested length a little. */
const largestBody = 1024 * 1024 - 2048;
/** The rest of a body around a text is shorter than this. */
const roomAround = 4096;
/** Maximum length of a URL: Node accepts 16 KiB of headers and URL together. */
const longestAddress = 12_000;
/** Maximum time that the event loop may be blocked, in milliseconds. */
export const longestStop = 250;
/** CPU time for 1 MiB, in milliseconds, below which the growth is not checked. */
const smallCpu = 100;
const tries = 3;
/**
 * The answer with 500 that says why: the model of a text chat cannot be asked, because a request before has set another one.
 */
const failedTurn = 'Failed to execute text chat assistant turn';

/** A request of variable size. */
export interface Attempt {
  operation: Operation;
  name: string;
  request: (size: number) => HostileRequest;
  size: number;
}

/**
 * The attempts on one operation: each text in its body with each chosen filling, bodies that are hostile as a
 * whole, and each of its parameters.
 */
export function attemptsOn(
  operation: Operation,
  choose: (fillings: string[], place: Place | null, index: number, places: number) => string[],
): Attempt[] {
  const { body, parameters } = operation;
  const named = Object.keys(texts);
  const places = body === undefined ? [] : placesIn(body.schema, body.example);
  const inBody = places.flatMap((place, index) => {
    const fillings = choose(named, place, index, places.length);
    return (place.shape.isOfLength ? fillings.slice(0, 1) : fillings).map((filling) => ({
      operation,
      name: `${place.component}: ${place.name}, ${filling}`,
      request: (size: number) => ({ body: bodyOf(place, filling, size) }),
      size: largestBody,
    }));
  });
  const whole = body === undefined ? [] : choose(Object.keys(bodies), null, 0, 0);
  const asBody = whole.map((name) => ({
    operation,
    name,
    request: (size: number) => ({ body: once(`${name}, ${String(size)}`, () => bodies[name]!(size)) }),
    size: largestBody,
  }));
  const inAddress = parameters.flatMap((parameter, index) =>
    choose(named, null, index, 0).map((filling) => ({
      operation,
      name: `${parameter.in} ${parameter.name}, ${filling}`,
      request: (size: number) => parameterOf(parameter, asciiOf(textOf(filling, size), size)),
      size: longestAddress,
    })),
  );
  return [...inBody, ...asBody, ...inAddress];
}

function parameterOf({ in: where, name }: Operation['parameters'][number], text: string): HostileRequest {
  if (where === 'query') return { query: { [name]: text } };
  // Without characters that are invalid in a header.
  if (where === 'header') return { headers: { [name]: text.replace(/[^\x21-\x7e]/g, '_') } };
  return { parameters: { [name]: text } };
}

/** The beginning of a text that takes this many characters in a URL. */
function asciiOf(text: string, size: number): string {
  let part = text.toWellFormed();
  for (;;) {
    const length = encodeURIComponent(part).length;
    if (length <= size) return part;
    part = part.slice(0, Math.floor((part.length * size) / length)).toWellFormed();
  }
}

/** Cached, because creating one takes longer than sending it. */
const made = new Map<string, string>();

function once(key: string, make: () => string): string {
  const known = made.get(key);
  if (known !== undefined) return known;
  const text = make();
  made.set(key, text);
  return text;
}

function textOf(filling: string, length: number): string {
  return once(filling, () => texts[filling]!(largestBody)).slice(0, length);
}

function bodyOf(place: Place, filling: string, size: number): string {
  const { shape, before, after } = place;
  if (before.length + after.length > roomAround) throw new Error(`There is too much around ${place.name}`);
  const longest = size - roomAround;
  const make = () => jsonOf(shape, filling, longest);
  const json = shape.isOfLength ? make() : once(`${filling} ${shape.name}, ${String(size)}`, make);
  return before + (shape.isMembers ? json.slice(1, -1) : json) + after;
}

/** JSON escaping changes the length, so the length of the text is found by trying. */
function jsonOf({ make }: Shape, filling: string, longest: number): string {
  let length = longest;
  for (;;) {
    const json = JSON.stringify(make(textOf(filling, length)));
    const bytes = Buffer.byteLength(json);
    if (bytes <= longest) return json;
    length = Math.floor(((length * longest) / bytes) * 0.98);
  }
}

/** @returns one line for each failed attempt; empty when the server handled all of them. */
export async function drive(server: MeasuredServer, attempts: readonly Attempt[]): Promise<string[]> {
  const faults: string[] = [];
  await server.measure();
  for (const attempt of attempts) {
    const fault = await faultOf(server, attempt);
    if (fault !== null) faults.push(`${attempt.operation.name}, ${attempt.name}: ${fault}`);
  }
  return faults;
}

/** The best of three, because other load on the machine can slow down single attempts. */
async function faultOf(server: MeasuredServer, attempt: Attempt): Promise<string | null> {
  let fault: string | null = null;
  for (let time = 0; time < tries; time += 1) {
    fault = await tryOnce(server, attempt);
    if (fault === null) return null;
  }
  return fault;
}

async function tryOnce(server: MeasuredServer, attempt: Attempt): Promise<string | null> {
  const { operation, request, size } = attempt;
  const { status, text, measured } = await cost(server, operation, request(size));
  if (status >= 500 && status !== 501 && !text.includes(failedTurn)) {
    return `answered ${String(status)}: ${text.slice(0, 200)}`;
  }
  const stop = stopOf(measured);
  if (stop > longestStop) return `the event loop stood still for ${stop.toFixed(0)} ms`;
  const { cpuMilliseconds: large } = measured;
  if (large <= smallCpu) return null;
  const part = await cost(server, operation, request(size / 8));
  const small = Math.max(part.measured.cpuMilliseconds, smallCpu / 16);
  // Quadratic growth would take 64 times as long, linear growth 8 times.
  return large / small <= 20
    ? null
    : `took ${large.toFixed(0)} ms of CPU, and an eighth of it ${small.toFixed(0)} ms`;
}

/** Measures one request, even if it fails. It includes the server's work since the last measurement. */
export async function longestStopOf(
  server: MeasuredServer,
  operation: Operation,
  request: HostileRequest,
): Promise<{ status: number; stop: number }> {
  const { status, measured } = await cost(server, operation, request);
  return { status, stop: stopOf(measured) };
}

/**
 * How long the event loop worked without a pause. A block that is longer than its CPU time was caused by other
 * processes on the machine.
 */
function stopOf({ longestStopMilliseconds, longestTurnMilliseconds }: Measured): number {
  return Math.min(longestStopMilliseconds, longestTurnMilliseconds);
}

async function cost(
  server: MeasuredServer,
  operation: Operation,
  request: HostileRequest,
): Promise<{ status: number; text: string; measured: Measured }> {
  const { status, text } = await server.send(operation, request);
  return { status, text, measured: await server.measure() };
}
