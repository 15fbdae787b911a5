import { Page } from '../../ui/page';

export default function AgentScreen({ agentId }: { agentId: number }) {
  return <Page title={`Agent ${agentId}`}>{null}</Page>;
}
