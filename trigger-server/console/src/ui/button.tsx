import type { ButtonHTMLAttributes } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `danger`: a phone rings or something is lost. `quiet`: without a border, within a row. */
  kind?: 'primary' | 'secondary' | 'danger' | 'quiet';
  /** While the request that it started is under way. A second press does nothing. */
  pending?: boolean;
}

export function Button({ kind = 'secondary', pending = false, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={pending || rest['aria-disabled']}
      aria-busy={pending}
      onClick={pending ? (event) => event.preventDefault() : rest.onClick}
      className={`${styles.button ?? ''} ${styles[kind] ?? ''} ${rest.className ?? ''}`}
    />
  );
}
