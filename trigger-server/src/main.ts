/** The process: read the configuration, open the database, listen, and drain when told to stop. */
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { createApp } from './app';
import { openArtifactFolder } from './artifacts/folder';
import { startRecordings } from './artifacts/recordings';
import { systemChance, systemClock } from './clock';
import { readConfig } from './config';
import { resumeCalls } from './calls/resume-calls';
import { startWatchdog } from './calls/watchdog';
import { createSecrets, secretsKeyBeside } from './secrets';
import { seedDemo } from './seed';
import type { Services } from './services';
import { openSqlite } from './storage/sqlite';
import { createAddressGuard } from './telephony/carrier/address-guard';
import { createCarrierHttp } from './telephony/carrier/http';
import { createConnections } from './telephony/carrier/connections';
import { connectAll } from './telephony/connections';
import { startDeliveries } from './webhooks/worker';
import { welcome } from './welcome';

/** How long requests under way may take after SIGTERM, in milliseconds. */
const drainMilliseconds = 20_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // Standard output is for people: where the server listens and how to call it. The log goes to standard error.
  const log = pino({ level: config.logLevel }, pino.destination(2));
  const storage = openSqlite(config.databaseFile);
  const services: Services = {
    config,
    storage,
    clock: systemClock,
    chance: systemChance,
    secrets: createSecrets(config.secretsKey ?? secretsKeyBeside(config.databaseFile)),
    connections: createConnections(),
    carrier: createCarrierHttp({
      addressGuard: createAddressGuard(config.allowedPrivateTargets),
      clock: systemClock,
    }),
    artifacts: openArtifactFolder(config.artifactsFolder),
    log,
    lifecycle: { draining: false },
  };
  const demo = await seedDemo(services);
  await resumeCalls(services);
  await connectAll(services);
  const stopWatchdog = startWatchdog(services);
  const stopDeliveries = startDeliveries(services);
  const stopRecordings = startRecordings(services);
  const server = createApp(services).listen(config.port, config.host);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const { port } = server.address() as AddressInfo;
  process.stdout.write(welcome(config, port, demo, process.stdout.isTTY));

  // A connection that falls idle while the server drains would hold it open until its keep-alive runs out.
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (services.lifecycle.draining)
        setImmediate(() => {
          server.closeIdleConnections();
        });
    });
  });

  const stop = (signal: string) => {
    if (services.lifecycle.draining) return;
    services.lifecycle.draining = true;
    const deliveriesStopped = stopDeliveries();
    log.info({ signal }, 'stopping: requests under way are finished, new calls are refused');
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, drainMilliseconds);
    server.close(() => {
      clearTimeout(deadline);
      stopWatchdog();
      services.connections.closeAll();
      // Closing the carrier ends the downloads under way, which the recordings wait for.
      deliveriesStopped
        .then(() => Promise.all([services.carrier.close(), stopRecordings()]))
        .then(() => storage.close())
        .then(
          () => process.exit(0),
          (error: unknown) => {
            fail(error);
          },
        );
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
