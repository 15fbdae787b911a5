/** A form's field: its label, its control, a hint and what is wrong with it. */
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import styles from './field.module.css';

interface Frame {
  label: string;
  hint?: ReactNode;
  /** What is wrong, in words. */
  error?: string | undefined;
}

interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

/** For a control that the ready-made fields below do not cover. */
export function Field(props: Frame & { children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const described = [
    props.hint === undefined ? '' : `${id}-hint`,
    props.error === undefined ? '' : `${id}-error`,
  ].filter((part) => part !== '');
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{props.label}</label>
      {props.children({
        id,
        'aria-describedby': described.length === 0 ? undefined : described.join(' '),
        'aria-invalid': props.error !== undefined,
      })}
      {props.hint !== undefined && (
        <div id={`${id}-hint`} className={styles.hint}>
          {props.hint}
        </div>
      )}
      {props.error !== undefined && (
        <div id={`${id}-error`} className={styles.error}>
          {props.error}
        </div>
      )}
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  ...input
}: Frame & Omit<InputHTMLAttributes<HTMLInputElement>, 'id'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <input type="text" {...input} {...control} className={styles.control} />}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  error,
  ...input
}: Frame & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id'>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <textarea rows={4} {...input} {...control} className={styles.control} />}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  error,
  options,
  ...input
}: Frame &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id'> & {
    options: readonly { value: string; label: string }[];
  }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select {...input} {...control} className={styles.control}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckboxField({
  label,
  hint,
  ...input
}: { label: string; hint?: ReactNode } & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'type'>) {
  const id = useId();
  return (
    <div className={styles.field}>
      <span className={styles.checkbox}>
        <input
          {...input}
          id={id}
          type="checkbox"
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        />
        <label htmlFor={id}>{label}</label>
      </span>
      {hint !== undefined && (
        <div id={`${id}-hint`} className={styles.hint}>
          {hint}
        </div>
      )}
    </div>
  );
}

/** Fields below one another, with even distances. */
export function Form(props: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}
