/** A transition on the canvas: a curve with its label, which opens its form. */
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type Edge, type EdgeProps } from '@xyflow/react';
import type { Fault } from '../model/faults';
import styles from './canvas.module.css';

// A type and not an interface: the library wants one that is assignable to a record.
export type TransitionData = {
  label: string;
  faults: readonly Fault[];
  onOpen: () => void;
};

export function TransitionEdge(props: EdgeProps<Edge<TransitionData, 'transition'>>) {
  const { data, selected } = props;
  const [path, x, y] = getBezierPath(props);
  const isFaulty = data?.faults.some(({ isWarning }) => !isWarning) === true;
  const look = `${styles.line ?? ''} ${selected === true || isFaulty ? (styles.marked ?? '') : ''}`;
  return (
    <>
      <BaseEdge path={path} className={look} interactionWidth={24} />
      <EdgeLabelRenderer>
        <button
          type="button"
          className={`${styles.label ?? ''} ${isFaulty ? (styles.faulty ?? '') : ''} nodrag nopan`}
          style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          onClick={data?.onOpen}
        >
          {isFaulty && <span aria-hidden="true">✕ </span>}
          {data?.label}
          <span className="visually-hidden">
            {isFaulty ? ': edit this transition, it has a fault' : ': edit this transition'}
          </span>
        </button>
      </EdgeLabelRenderer>
    </>
  );
}
