/** The editor's note for a step that the connected server does not support names the alternative. */
import { startCallAndWait } from '../../zapier-app/src/creates/start-call-and-wait';
import { callCompleted } from '../../zapier-app/src/triggers/call-completed';
import type { Bundle, PlainInputField, ZObject } from 'zapier-platform-core';
import { startStandIn } from '../support/dograh-stand-in';
import { appTester, makeBundle } from '../support/zapier';

type FieldFunction = (z: ZObject, bundle: Bundle) => Promise<PlainInputField[]>;

async function noteOf(
  { operation }: { operation: { inputFields?: readonly unknown[] } },
  url: string,
): Promise<string[]> {
  const [note] = (operation.inputFields ?? []) as FieldFunction[];
  if (typeof note !== 'function') throw new TypeError('The first field is not made when it is shown');
  const fields = await appTester(note, makeBundle(url));
  return fields.map(({ type, helpText = '' }) => `${type ?? ''}: ${helpText}`);
}

test('on Dograh, the default address, both steps show a note with the alternative', async () => {
  const server = await startStandIn();
  expect(await noteOf(startCallAndWait, server.url)).toEqual([
    expect.stringMatching(
      /^copy: .*cannot do this.* Use Start Call instead, and .* Call Completed \(Any Server\)/,
    ),
  ]);
  expect(await noteOf(callCompleted, server.url)).toEqual([
    expect.stringMatching(/^copy: .*cannot do this.* Use the trigger Call Completed \(Any Server\) instead/),
  ]);
  await server.close();
});

test('on a server that supports the steps there is no note', async () => {
  const server = await startStandIn({ extensions: ['idempotency-key', 'callback-url', 'hooks'] });
  expect(await noteOf(startCallAndWait, server.url)).toEqual([]);
  expect(await noteOf(callCompleted, server.url)).toEqual([]);
  await server.close();
});

test('an unreachable server does not remove other fields from the editor', async () => {
  const server = await startStandIn();
  await server.close();
  expect(await noteOf(startCallAndWait, server.url)).toEqual([]);
});
