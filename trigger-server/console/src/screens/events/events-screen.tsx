import { Page } from '../../ui/page';

export default function EventsScreen() {
  return <Page title="Events">{null}</Page>;
}
