import { Page } from '../../ui/page';

export default function AgentsScreen() {
  return <Page title="Agents">{null}</Page>;
}
