/** A JSON object, readable or as it is. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import { useState } from 'react';
import { CopyBlock } from './copy';
import styles from './json-view.module.css';
import { Tabs, type Tab } from './tabs';

const tabs = [
  { name: 'readable', label: 'Readable' },
  { name: 'json', label: 'JSON' },
] as const satisfies readonly Tab<string>[];

/** A context may have 20,000 names, and no browser draws so many quickly. */
const mostEntries = 200;

/** A longer text scrolls in a box of its own, so that it does not push away the rest of the page. */
const longestPlain = 600;

/** @param what its name: "the context of the call". */
export function JsonView({ value, what }: { value: JsonObject; what: string }) {
  const [chosen, setChosen] = useState<'readable' | 'json'>('readable');
  if (Object.keys(value).length === 0) return <p className={styles.soft}>Empty</p>;
  return (
    <Tabs label={`How to show ${what}`} tabs={tabs} chosen={chosen} onChoose={setChosen}>
      {chosen === 'readable' ? (
        <Entries entries={Object.entries(value)} />
      ) : (
        <CopyBlock text={JSON.stringify(value, null, 2)} what={what} />
      )}
    </Tabs>
  );
}

function Entries({ entries }: { entries: readonly [string, JsonValue][] }) {
  const more = entries.length - mostEntries;
  return (
    <dl className={styles.entries}>
      {entries.slice(0, mostEntries).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
      {more > 0 && (
        <div>
          <dt>…</dt>
          <dd>{more} more: see JSON</dd>
        </div>
      )}
    </dl>
  );
}

function Text({ text }: { text: string }) {
  if (text === '') return <span className={styles.soft}>empty text</span>;
  if (text.length <= longestPlain) return text;
  return (
    <div className={styles.long} tabIndex={0} role="group" aria-label="A long text">
      {text}
    </div>
  );
}

function Value({ value }: { value: JsonValue }) {
  if (typeof value === 'string') return <Text text={value} />;
  if (value === null || typeof value !== 'object') return <code>{String(value)}</code>;
  const entries: [string, JsonValue][] = Array.isArray(value)
    ? value.map((item, place) => [String(place + 1), item])
    : Object.entries(value);
  if (entries.length === 0) return <span className={styles.soft}>empty</span>;
  return <Entries entries={entries} />;
}
