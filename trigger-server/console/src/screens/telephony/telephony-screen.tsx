import { Page } from '../../ui/page';

export default function TelephonyScreen() {
  return <Page title="Telephony">{null}</Page>;
}
