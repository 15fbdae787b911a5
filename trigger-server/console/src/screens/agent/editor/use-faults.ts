import { ApiError } from '../../../api/http';
import { noFaults, reportIn, sortFaults, type Faults } from '../model/faults';
import { useReport } from './queries';
import type { Editor } from './use-editor';
import type { Saving } from './use-saving';

/** What is wrong with the agent: why the latest save was refused, or else what the saved draft lacks to be published. */
export function useFaults({ base, saved, content }: Editor, { refused }: Saving): Faults {
  const { data: report } = useReport(base.id);
  const refusal = refused?.error instanceof ApiError ? reportIn(refused.error.detail) : null;
  if (refused !== null && refusal !== null) return sortFaults(refusal, refused.content, content);
  return report === undefined ? noFaults : sortFaults(report, saved, content);
}
