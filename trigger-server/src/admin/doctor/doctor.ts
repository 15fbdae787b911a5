/** Reports what is wrong with a server's database and surroundings, and what to do. It changes nothing. */
import { pino } from 'pino';
import { createSystemClock } from '../../clock';
import type { Config } from '../../config';
import { createAddressGuard } from '../../egress/address-guard';
import { createCarrierHttp } from '../../egress/client';
import { givenSecrets } from '../../open-secrets';
import { openDatabase } from '../../storage/open';
import { checkAccounts } from '../../telephony/check-accounts';
import type { Command } from '../command';
import { checkAddress } from './address';
import { checkDatabase } from './database';
import type { Finding } from './finding';
import { checkMachine } from './machine';

export const doctor: Command = {
  summary:
    'checks the database, its secrets and files, this machine, the public address and every carrier account; changes nothing',
  flags: {},
  async run(config, _flags, print) {
    let isWell = true;
    for await (const { about, wrong, unchecked = null } of check(config)) {
      if (unchecked !== null) print(`UNSURE ${about}: not checked. ${unchecked}`);
      else if (wrong.length === 0) print(`well   ${about}`);
      for (const line of wrong) print(`WRONG  ${about}: ${line}`);
      isWell &&= wrong.length === 0 && unchecked === null;
    }
    return isWell ? 0 : 1;
  },
};

/** Yields each finding as soon as it is known, because a large database takes a while. */
async function* check(config: Config): AsyncGenerator<Finding> {
  let isDatabaseWell = true;
  for await (const finding of checkDatabase(config)) {
    isDatabaseWell &&= finding.wrong.length === 0;
    yield finding;
  }
  yield* checkMachine(config);
  const clock = createSystemClock(0, () => undefined);
  const carrier = createCarrierHttp({
    addressGuard: createAddressGuard(config.allowedPrivateTargets),
    clock,
  });
  try {
    if (config.publicBaseUrl !== null) yield* checkAddress(carrier, config.publicBaseUrl);
    const secrets = givenSecrets(config);
    // Otherwise the accounts cannot be read, and it is said above why.
    if (!isDatabaseWell || secrets === null) return;
    const storage = await openDatabase(config.database, { migrate: false });
    try {
      const log = pino({ level: 'silent' });
      const accounts = await checkAccounts({ config, storage, clock, secrets, carrier, log });
      for (const { about, fault, unchecked } of accounts) {
        yield { about, wrong: fault === null ? [] : [fault], unchecked };
      }
    } finally {
      await storage.close();
    }
  } finally {
    await carrier.close();
  }
}
