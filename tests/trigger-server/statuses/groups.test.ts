/** The statuses of a group without a file in this folder would not be tested. */
import { readdirSync } from 'node:fs';
import { groups } from './documented';

test('every group of the OpenAPI document has its file of statuses', () => {
  const files = readdirSync(__dirname).filter(
    (name) => name.endsWith('.test.ts') && name !== 'groups.test.ts',
  );
  expect(files.sort()).toEqual(groups.map((tag) => `${tag.toLowerCase()}.test.ts`).sort());
});
