/** The fields of the filter. A choice holds at once; a text when the field is left, or by Enter. */
import type { ApiKey, DispositionCodes, RunStatus } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { useAgentNames } from '../../api/agent-names';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { SelectField, TextField } from '../../ui/field';
import { SearchField } from '../../ui/search-field';
import { sourceWords, statusWords } from '../../ui/run-words';
import { useMedia } from '../../ui/use-media';
import { outcomeGroups, statusesOf } from './day-counts';
import { isFiltered, noFilter, type CallFilter } from './filter';
import styles from './filter-bar.module.css';

interface Choice {
  value: string;
  label: string;
}

const any: Choice = { value: '', label: 'Any' };

/** Names change seldom. */
const staleTime = 60_000;

function useChoices() {
  const codes = useQuery({
    queryKey: ['call-filter', 'dispositions'],
    queryFn: () => api<DispositionCodes>('GET', '/organizations/disposition-codes'),
    staleTime,
  });
  const keys = useQuery({
    queryKey: ['call-filter', 'keys'],
    queryFn: () => api<ApiKey[]>('GET', '/user/api-keys', { query: { include_archived: true } }),
    staleTime,
  });
  return { codes: codes.data?.codes ?? [], keys: keys.data ?? [] };
}

const stateChoices: Choice[] = [
  any,
  ...outcomeGroups.map((group) => ({ value: statusesOf(group).join(','), label: `all ${group}` })),
  ...Object.entries(statusWords).map(([value, label]) => ({ value, label })),
].filter(({ value }, place, all) => all.findIndex((other) => other.value === value) === place);

/** The choices, and the chosen value even when it is none of them. @param label the words for it. */
function withChosen(choices: Choice[], chosen: string, label = chosen): Choice[] {
  return choices.some(({ value }) => value === chosen) ? choices : [...choices, { value: chosen, label }];
}

export function FilterBar({
  filter,
  onChange,
}: {
  filter: CallFilter;
  onChange: (filter: CallFilter) => void;
}) {
  const agents = useAgentNames('all');
  const { codes, keys } = useChoices();
  const isNarrow = useMedia('(max-width: 40rem)');
  const change = (changed: Partial<CallFilter>) => onChange({ ...filter, ...changed });
  const agent = filter.agentId === null ? '' : String(filter.agentId);
  const state = filter.statuses.join(',');
  const source = filter.keyId === null ? (filter.source ?? '') : `key:${String(filter.keyId)}`;
  return (
    <search className={styles.bar} aria-label="Filter of the calls">
      <SearchField
        label="Search"
        placeholder="Number, reference or id"
        maxLength={100}
        applied={filter.text}
        onApply={(text) => change({ text })}
      />
      <details className={styles.more} open={!isNarrow || isFiltered(filter)}>
        <summary>More filters</summary>
        <div className={styles.fields}>
          <SelectField
            label="Agent"
            value={agent}
            options={withChosen(
              [any, ...agents.map(({ id, name }) => ({ value: String(id), label: name }))],
              agent,
            )}
            onChange={({ target }) => change({ agentId: target.value === '' ? null : Number(target.value) })}
          />
          <SelectField
            label="State"
            value={state}
            options={withChosen(
              stateChoices,
              state,
              filter.statuses.map((status) => statusWords[status]).join(', '),
            )}
            onChange={({ target }) =>
              change({ statuses: target.value === '' ? [] : (target.value.split(',') as RunStatus[]) })
            }
          />
          <SelectField
            label="Disposition"
            value={filter.disposition}
            options={withChosen(
              [any, ...codes.map((code) => ({ value: code, label: code }))],
              filter.disposition,
            )}
            onChange={({ target }) => change({ disposition: target.value })}
          />
          <SelectField
            label="Source"
            value={source}
            options={withChosen(
              [
                any,
                ...Object.entries(sourceWords).map(([value, label]) => ({ value, label })),
                ...keys.map(({ id, name }) => ({ value: `key:${String(id)}`, label: `Key: ${name}` })),
              ],
              source,
            )}
            onChange={({ target }) => change(sourceChosen(target.value))}
          />
          <TextField
            label="From"
            type="date"
            value={filter.from}
            max={filter.to}
            onChange={({ target }) => change({ from: target.value })}
          />
          <TextField
            label="To"
            type="date"
            value={filter.to}
            min={filter.from}
            onChange={({ target }) => change({ to: target.value })}
          />
          <div className={styles.clear}>
            <Button disabled={!isFiltered(filter)} onClick={() => onChange(noFilter)}>
              Clear
            </Button>
          </div>
        </div>
      </details>
    </search>
  );
}

function sourceChosen(value: string): Pick<CallFilter, 'source' | 'keyId'> {
  if (value.startsWith('key:')) return { source: null, keyId: Number(value.slice(4)) };
  return { source: value === '' ? null : (value as CallFilter['source']), keyId: null };
}
