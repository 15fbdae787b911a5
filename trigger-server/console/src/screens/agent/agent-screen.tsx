/** One agent: reads it and what its forms are made from, then shows the editor. */
import { Link } from 'wouter';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { AgentEditor } from './agent-editor';
import { useAgent, useNodeSpecs, useReport } from './editor/queries';

export default function AgentScreen({ agentId }: { agentId: number }) {
  const agent = useAgent(agentId);
  const specs = useNodeSpecs();
  // Warnings stand above the views, so they are read first: nothing moves when they come.
  const { isPending: isChecking } = useReport(agentId);
  const error = agent.error ?? specs.error;
  if (agent.data !== undefined && specs.data !== undefined && !isChecking)
    return <AgentEditor key={agentId} agent={agent.data} specs={specs.data} />;
  return (
    <Page title="Agent" above={<Link href="/agents">All agents</Link>}>
      {error === null ? <Loading what="the agent" /> : <Notice error={error} />}
    </Page>
  );
}
