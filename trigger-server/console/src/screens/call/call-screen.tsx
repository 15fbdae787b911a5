import { Page } from '../../ui/page';

export function CallScreen({ runId }: { runId: number }) {
  return <Page title={`Call ${runId}`}>{null}</Page>;
}
