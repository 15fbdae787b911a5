import { Page } from '../../ui/page';

export default function GuardScreen() {
  return <Page title="Guard">{null}</Page>;
}
