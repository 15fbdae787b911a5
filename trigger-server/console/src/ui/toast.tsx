/** Short news at the screen's edge, which screen readers announce too. */
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import styles from './toast.module.css';

const shownMilliseconds = 6000;

type ShowToast = (text: string) => void;

const ToastContext = createContext<ShowToast>(() => undefined);

/** @returns a function that shows a sentence for six seconds. */
export function useToast(): ShowToast {
  return use(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<{ id: number; text: string }[]>([]);
  const last = useRef(0);
  const show = useCallback<ShowToast>((text) => {
    const id = ++last.current;
    setToasts((shown) => [...shown.slice(-2), { id, text }]);
    window.setTimeout(() => {
      setToasts((shown) => shown.filter((toast) => toast.id !== id));
    }, shownMilliseconds);
  }, []);
  const value = useMemo(() => show, [show]);
  return (
    <ToastContext value={value}>
      {children}
      <div className={styles.toasts} role="status" aria-live="polite">
        {toasts.map(({ id, text }) => (
          <p key={id} className={styles.toast}>
            {text}
          </p>
        ))}
      </div>
    </ToastContext>
  );
}
