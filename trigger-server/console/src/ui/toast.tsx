/** Short news at the screen's edge, which screen readers announce too. */
import {
  createContext,
  use,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import styles from './toast.module.css';

const shownMilliseconds = 6000;

type ShowToast = (text: string) => void;

const ToastContext = createContext<ShowToast>(() => undefined);

/** @returns a function that shows a sentence for six seconds. */
export function useToast(): ShowToast {
  return use(ToastContext);
}

interface Regions {
  toasts: readonly { id: number; text: string }[];
  /** The region that shows them: of the latest dialog, or of the page. */
  current: string | undefined;
  /** @returns a function that takes the region away again. */
  add: (region: string) => () => void;
}

const RegionsContext = createContext<Regions>({ toasts: [], current: undefined, add: () => () => undefined });

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Regions['toasts']>([]);
  const [regions, setRegions] = useState<readonly string[]>([]);
  const last = useRef(0);
  const show = useCallback<ShowToast>((text) => {
    const id = ++last.current;
    setToasts((shown) => [...shown.slice(-2), { id, text }]);
    window.setTimeout(() => {
      setToasts((shown) => shown.filter((toast) => toast.id !== id));
    }, shownMilliseconds);
  }, []);
  const add = useCallback<Regions['add']>((region) => {
    setRegions((before) => [...before, region]);
    return () => setRegions((before) => before.filter((one) => one !== region));
  }, []);
  const context = useMemo(() => ({ toasts, current: regions.at(-1), add }), [toasts, regions, add]);
  return (
    <ToastContext value={show}>
      <RegionsContext value={context}>
        <ToastRegion />
        {children}
      </RegionsContext>
    </ToastContext>
  );
}

/**
 * Where toasts are shown and announced. Each modal dialog has a region of its own, because a dialog makes the rest of
 * the page dim, and mute for screen readers. It has room of its own at the dialog's end, so that no field is covered.
 */
export function ToastRegion({ inDialog = false }: { inDialog?: boolean }) {
  const { toasts, current, add } = use(RegionsContext);
  const id = useId();
  useEffect(() => add(id), [add, id]);
  return (
    <div className={inDialog ? styles.inDialog : styles.toasts} role="status" aria-live="polite">
      {current === id &&
        toasts.map((toast) => (
          <p key={toast.id} className={styles.toast}>
            {toast.text}
          </p>
        ))}
    </div>
  );
}
