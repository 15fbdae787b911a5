/** The calling hours of a policy that is edited: windows, days without calls, and the clock. */
import type { CallingWindow } from '@dograh-trigger/shared';
import { Button } from '../../ui/button';
import { CheckboxField, TextArea, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { TimeZoneField } from '../../ui/time-zone-field';
import styles from '../../ui/choices.module.css';
import { errorAt, toggled, usualWindow, type PolicyDraft } from './policy-draft';
import { days, dayWords } from './policy-sentences';

export interface PartProps {
  draft: PolicyDraft;
  errors: ReadonlyMap<string, string>;
  onChange: (change: Partial<PolicyDraft>) => void;
}

export function HoursFields({ draft, errors, onChange }: PartProps) {
  const { windows } = draft;
  return (
    <>
      {windows.map((window, index) => (
        <WindowFields
          key={index}
          number={index + 1}
          window={window}
          errors={errors}
          place={`calling_hours.windows.${index}`}
          onChange={(change) => {
            onChange({ windows: windows.map((one) => (one === window ? { ...one, ...change } : one)) });
          }}
          onRemove={
            windows.length === 1
              ? null
              : () => {
                  onChange({ windows: windows.filter((one) => one !== window) });
                }
          }
        />
      ))}
      <div>
        <Button
          onClick={() => {
            onChange({ windows: [...windows, { ...usualWindow }] });
          }}
        >
          Add hours
        </Button>
      </div>
      {errorAt(errors, 'calling_hours.windows') !== undefined && (
        <Notice tone="bad">{errorAt(errors, 'calling_hours.windows')}</Notice>
      )}
      <TextArea
        label="Days without calls"
        hint="Dates, one on each line: 2026-12-25"
        value={draft.holidays}
        error={errorAt(errors, 'calling_hours.holidays')}
        onChange={(event) => {
          onChange({ holidays: event.target.value });
        }}
      />
      <TimeZoneField
        label="Time zone"
        placeholder="The callee’s"
        value={draft.timeZone}
        error={errorAt(errors, 'calling_hours.time_zone')}
        onChange={(event) => {
          onChange({ timeZone: event.target.value });
        }}
      />
    </>
  );
}

interface WindowProps {
  /** Counted from 1. */
  number: number;
  window: CallingWindow;
  errors: ReadonlyMap<string, string>;
  /** Where the server says that it is. */
  place: string;
  onChange: (change: Partial<CallingWindow>) => void;
  /** Null: it is the only one, which stays. */
  onRemove: (() => void) | null;
}

function WindowFields({ number, window, errors, place, onChange, onRemove }: WindowProps) {
  return (
    <fieldset className={styles.choices}>
      <legend>{number === 1 ? 'Calling hours' : `Calling hours ${number}`}</legend>
      <div className={styles.row}>
        <TextField
          label="From"
          placeholder="09:00"
          value={window.from}
          error={errorAt(errors, `${place}.from`)}
          onChange={(event) => {
            onChange({ from: event.target.value });
          }}
        />
        <TextField
          label="To"
          placeholder="20:00"
          value={window.to}
          error={errorAt(errors, `${place}.to`)}
          onChange={(event) => {
            onChange({ to: event.target.value });
          }}
        />
      </div>
      <div className={styles.row} role="group" aria-label="Days">
        {days.map((day) => (
          <CheckboxField
            key={day}
            label={dayWords[day]}
            checked={window.days.includes(day)}
            onChange={(event) => {
              onChange({ days: toggled(window.days, day, event.target.checked) });
            }}
          />
        ))}
      </div>
      {errorAt(errors, `${place}.days`) !== undefined && <Notice tone="bad">Choose at least one day.</Notice>}
      {onRemove !== null && (
        <div>
          <Button onClick={onRemove}>Remove these hours</Button>
        </div>
      )}
    </fieldset>
  );
}
