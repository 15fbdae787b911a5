/** How many calls at once, at which hours, and what is called again. */
import { CheckboxField, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { TimeZoneField } from '../../ui/time-zone-field';
import type { CampaignDraft } from './campaign-draft';
import { dayWords } from './campaign-words';
import styles from '../../ui/choices.module.css';

interface Props {
  draft: CampaignDraft;
  errors: ReadonlyMap<string, string>;
  onChange: (change: Partial<CampaignDraft>) => void;
}

export function HowItCalls({ limit, ...part }: Props & { limit: number }) {
  const { draft, errors, onChange } = part;
  return (
    <>
      <TextField
        label="Calls at once"
        inputMode="numeric"
        placeholder="No limit of its own"
        hint={`Your organization may have ${String(limit)} at once, with all others.`}
        value={draft.mostAtOnce}
        error={errors.get('max_concurrency')}
        onChange={({ target }) => onChange({ mostAtOnce: target.value })}
      />
      <CheckboxField
        label="Only at certain hours"
        hint="The calling hours of the policy hold in any case."
        checked={draft.hasHours}
        onChange={({ target }) => onChange({ hasHours: target.checked })}
      />
      {draft.hasHours && <Hours {...part} />}
      <Retries {...part} />
      <CheckboxField
        label="Pause by itself when half of its calls fail"
        hint="Of at least 5 calls within 2 minutes. You resume it."
        checked={draft.pauses}
        onChange={({ target }) => onChange({ pauses: target.checked })}
      />
    </>
  );
}

function Hours({ draft, errors, onChange }: Props) {
  const wrong = [...errors].find(([place]) => place.startsWith('schedule_config.slots.'));
  return (
    <fieldset className={styles.choices}>
      <legend>Hours</legend>
      <div className={styles.row}>
        <TextField
          label="From"
          placeholder="09:00"
          value={draft.from}
          error={wrong?.[1]}
          onChange={({ target }) => onChange({ from: target.value })}
        />
        <TextField
          label="To"
          placeholder="17:00"
          value={draft.to}
          onChange={({ target }) => onChange({ to: target.value })}
        />
      </div>
      <div className={styles.row} role="group" aria-label="Days">
        {dayWords.map((word, day) => (
          <CheckboxField
            key={word}
            label={word}
            checked={draft.days.includes(day)}
            onChange={({ target }) =>
              onChange({
                days: target.checked ? [...draft.days, day] : draft.days.filter((one) => one !== day),
              })
            }
          />
        ))}
      </div>
      {errors.has('schedule_config.slots') && <Notice tone="bad">Choose at least one day.</Notice>}
      <TimeZoneField
        label="Time zone"
        value={draft.timeZone}
        error={errors.get('schedule_config.timezone')}
        onChange={({ target }) => onChange({ timeZone: target.value })}
      />
    </fieldset>
  );
}

function Retries({ draft, errors, onChange }: Props) {
  return (
    <fieldset className={styles.choices}>
      <legend>Call again when</legend>
      <CheckboxField
        label="the line was busy"
        checked={draft.retriesBusy}
        onChange={({ target }) => onChange({ retriesBusy: target.checked })}
      />
      <CheckboxField
        label="nobody answered"
        checked={draft.retriesNoAnswer}
        onChange={({ target }) => onChange({ retriesNoAnswer: target.checked })}
      />
      <CheckboxField
        label="a machine answered"
        checked={draft.retriesVoicemail}
        onChange={({ target }) => onChange({ retriesVoicemail: target.checked })}
      />
      <div className={styles.row}>
        <TextField
          label="How many times more"
          inputMode="numeric"
          value={draft.mostRetries}
          error={errors.get('retry_config.max_retries')}
          onChange={({ target }) => onChange({ mostRetries: target.value })}
        />
        <TextField
          label="Minutes between"
          inputMode="decimal"
          value={draft.delayMinutes}
          error={errors.get('retry_config.retry_delay_seconds')}
          onChange={({ target }) => onChange({ delayMinutes: target.value })}
        />
      </div>
    </fieldset>
  );
}
