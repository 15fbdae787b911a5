import { Page } from '../../ui/page';

export function CallsScreen() {
  return <Page title="Calls">{null}</Page>;
}
