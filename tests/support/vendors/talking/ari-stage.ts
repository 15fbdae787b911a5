/** A server that talks through a loopback Asterisk, with programs that speak and hear. */
import type { Run } from '@dograh-trigger/shared';
import { readRun } from '../../calls';
import { readLateResults } from '../../late-results';
import { spokenText } from '../../spoken-text';
import { addCarrier } from '../../telephony';
import { startTestServer, type Account, type TestServer } from '../../test-server';
import { ariSettings, startAri, type Ari } from '../ari';
import { AriCallee } from './ari-callee';
import { budgetDefinition, place, publicBaseUrl, talkingAgent } from './call';

export interface AriStage {
  vendor: Ari;
  server: TestServer;
  account: Account;
}

export async function startAriStage(): Promise<AriStage> {
  const vendor = await startAri();
  const server = await startTestServer({
    PUBLIC_BASE_URL: publicBaseUrl,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    ...spokenText(),
  });
  const account = await server.signUp();
  const { id } = await addCarrier(
    server,
    account,
    { provider: 'ari', ...ariSettings(vendor) },
    { name: 'PBX', is_default_outbound: true },
  );
  while (server.services.connections.faultOf(id) !== null) await server.request.get('/api/v1/health');
  return { vendor, server, account };
}

export async function closeAriStage({ server, vendor }: AriStage): Promise<void> {
  await server.close();
  await vendor.close();
}

/** A call that was picked up. @param start data of the agent's first step. @param settings of the agent. */
export async function pickedUp(
  { server, account, vendor }: AriStage,
  { start = {}, settings = {}, tools = [] as string[] } = {},
): Promise<{ runId: number; callee: AriCallee }> {
  const agent = await talkingAgent({ server, account }, budgetDefinition(tools, start), settings);
  const { runId, dial } = await place({ server, account, vendor }, agent);
  const callee = new AriCallee(vendor, dial);
  callee.pickUp();
  return { runId, callee };
}

/** The run, once it has ended and its values are there. */
export async function concluded({ server, account }: AriStage, runId: number): Promise<Run> {
  while (!(await readRun(server, account, runId)).is_completed) continue;
  await readLateResults(server.services);
  return readRun(server, account, runId);
}
