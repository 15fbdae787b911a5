/**
 * A table belongs to one feature (`TablesByOwner` in storage/schema.ts). Other features call functions of its owner.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const source = join(__dirname, '../../../trigger-server/src');
const code = new Map(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('storage/migrations/'))
    .map((file) => [file, readFileSync(join(source, file), 'utf8')]),
);

/** Each table with its owner, from the list in the schema. */
function ownersOfTables(): Map<string, string> {
  const list =
    /interface TablesByOwner \{([\s\S]*?)\n\}/.exec(code.get('storage/schema.ts') ?? '')?.[1] ?? '';
  return new Map(
    [...list.matchAll(/(\w+): \{([^}]*)\}/g)].flatMap(([, owner = '', tables = '']) =>
      [...tables.matchAll(/(\w+): \w+Table/g)].map(([, table = '']) => [table, owner] as const),
    ),
  );
}

interface Use {
  file: string;
  table: string;
  isChange: boolean;
}

const changing = new Set(['insertInto', 'updateTable', 'deleteFrom', 'into', 'update']);
const built = /\.(selectFrom|insertInto|updateTable|deleteFrom|\w*Join|using)\(\s*\[?\s*'(\w+)/g;
const rawText = /\bsql(?:<[^`]*>)?`([^`]*)`/g;
const inText = /\b(from|join|into|update)\s+"?(\w+)/gi;

/** Every table that occurs in a query of this file. */
function usesIn(file: string, text: string): Use[] {
  const texts = [...text.matchAll(rawText)].map(([, inside = '']) => inside);
  const found = [...text.matchAll(built), ...texts.flatMap((inside) => [...inside.matchAll(inText)])];
  return found.map(([, verb = '', table = '']) => ({ file, table, isChange: changing.has(verb) }));
}

const owners = ownersOfTables();
const uses = [...code].flatMap(([file, text]) => usesIn(file, text));
const foreign = uses.filter(({ file, table }) => {
  const owner = owners.get(table);
  return owner !== undefined && owner !== file.replace(/[/.].*/, '');
});

test('every table of the schema has an owner, who queries it', () => {
  const files = [...code].filter(([file]) => file.startsWith('storage/tables/'));
  const tables = files.flatMap(([, text]) => [...text.matchAll(/^export interface \w+Table \{/gm)]);
  expect(owners.size).toBe(tables.length);
  const queried = new Set(uses.map(({ file, table }) => `${file.replace(/[/.].*/, '')} ${table}`));
  expect([...owners].filter(([table, owner]) => !queried.has(`${owner} ${table}`))).toEqual([]);
});

test('a table is changed by its owner alone', () => {
  expect(foreign.filter(({ isChange }) => isChange)).toEqual([]);
});

test('a table is read by its owner alone, but where two queries would cost far more than one, or not fit together', () => {
  const joined = {
    // After a jump of the clock: the awaited recordings whose runs have ended.
    'artifacts/store.ts': ['runs'],
    // Lists of runs with the names of their agents and keys, which would otherwise need queries for each row.
    'usage/disposition-store.ts': ['runs'],
    'usage/store.ts': ['runs', 'agents', 'api_keys'],
    // The counters of open runs beside the runs, which change together.
    'calls/slots/miscounts.ts': ['organizations', 'runs'],
    // Late results and idle text chats in turn by organization, which the runs have.
    'calls/following/late-store.ts': ['runs'],
    'conversations/chat/store.ts': ['runs'],
    // A page of the audit trail with the names of users and keys.
    'audit/store.ts': ['users', 'api_keys'],
    // Lists of subscriptions with the public ids of their agents.
    'events/subscription-store.ts': ['agents'],
  };
  const read: Record<string, Set<string>> = {};
  for (const { file, table, isChange } of foreign) if (!isChange) (read[file] ??= new Set()).add(table);
  expect(Object.fromEntries(Object.entries(read).map(([file, tables]) => [file, [...tables]]))).toEqual(
    joined,
  );
});

test('only the rotation of secrets names its tables at run time', () => {
  const dynamic = [...code].filter(([, text]) => /\bsql\.table\b/.test(text)).map(([file]) => file);
  expect(dynamic).toEqual(['storage/sealed-columns.ts']);
});

test('no file re-exports a function of a store: a feature offers its own functions', () => {
  const handedOn = [...code].filter(([, text]) =>
    /^export (?!type)[^;]*from '\.\/[a-z-]*store';/m.test(text),
  );
  expect(handedOn.map(([file]) => file)).toEqual([]);
});
