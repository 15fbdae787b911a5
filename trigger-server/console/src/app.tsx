/** Every screen and its address. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { ApiError } from './api/http';
import { useLiveNews } from './api/live';
import { useSession } from './api/session';
import { CallsScreen } from './screens/calls/calls-screen';
import { SessionGate } from './screens/sign-in/session-gate';
import { Frame } from './ui/frame';
import { Loading } from './ui/loading';
import { Page } from './ui/page';
import { ToastProvider } from './ui/toast';

const CallScreen = lazy(() => import('./screens/call/call-screen'));
const CampaignsScreen = lazy(() => import('./screens/campaigns/campaigns-screen'));
const AgentsScreen = lazy(() => import('./screens/agents/agents-screen'));
const AgentScreen = lazy(() => import('./screens/agent/agent-screen'));
const TelephonyScreen = lazy(() => import('./screens/telephony/telephony-screen'));
const EventsScreen = lazy(() => import('./screens/events/events-screen'));
const GuardScreen = lazy(() => import('./screens/guard/guard-screen'));
const LinkScreen = lazy(() => import('./screens/sign-in/link-screen'));
const AccountScreen = lazy(() => import('./screens/account/account-screen'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only a server that did not answer is asked again.
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.status === 0,
      refetchOnWindowFocus: true,
      staleTime: 2000,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <ToastProvider>
        <SessionGate>
          <Screens />
        </SessionGate>
      </ToastProvider>
    </QueryClientProvider>
  );
}

function Screens() {
  const { data: session } = useSession();
  useLiveNews(session != null);
  return (
    <Frame>
      <Suspense fallback={<Loading what="the screen" />}>
        <Switch>
          <Route path="/">
            <Redirect to="/calls" replace />
          </Route>
          <Route path="/sign-in" component={LinkScreen} />
          <Route path="/calls" component={CallsScreen} />
          <Route path={/^\/calls\/(?<runId>\d{1,10})$/}>
            {({ runId }) => <CallScreen runId={Number(runId)} />}
          </Route>
          <Route path="/campaigns/*?" component={CampaignsScreen} />
          <Route path="/agents" component={AgentsScreen} />
          <Route path={/^\/agents\/(?<agentId>\d{1,10})$/}>
            {({ agentId }) => <AgentScreen agentId={Number(agentId)} />}
          </Route>
          <Route path="/telephony/*?" component={TelephonyScreen} />
          <Route path="/events/*?" component={EventsScreen} />
          <Route path="/guard/*?" component={GuardScreen} />
          <Route path="/account" component={AccountScreen} />
          <Route>
            <Page title="Not found">
              <p>There is no such screen. Choose one from the menu.</p>
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}
