/** Runs Zapier's command line in the app's folder, like a publisher, but without Zapier's cloud. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { ZapierInstallation } from './install';

export const appFolder = resolve(__dirname, '../../../zapier-app');

/** Files that the commands create in the app's folder; git ignores them. */
export const leftovers = ['build', 'definition.json', 'zapierwrapper.js', 'shared-source'].map((name) =>
  join(appFolder, name),
);

export interface Connection {
  baseUrl: string;
  apiKey: string;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export class CommandLine {
  readonly #installation: ZapierInstallation;

  constructor(installation: ZapierInstallation) {
    this.#installation = installation;
  }

  /** @param connection of the user, for `invoke`. */
  run(commandArguments: string[], connection?: Connection): Promise<Outcome> {
    return this.#spawn(join(this.#installation.modules, '.bin/zapier-platform'), commandArguments, {
      // Otherwise every command sends usage data, looks for a login and checks for updates.
      DISABLE_ZAPIER_ANALYTICS: '1',
      ZAPIER_AUTH_LOCATION: '/nonexistent',
      NO_UPDATE_NOTIFIER: '1',
      ...(connection && { authData_base_url: connection.baseUrl, authData_api_key: connection.apiKey }),
    });
  }

  /** Runs a step and returns its result. @throws Error with the output of the command. */
  async invoke(what: string[], connection: Connection, input?: object): Promise<unknown> {
    const inputArguments = input ? ['--inputData', JSON.stringify(input)] : [];
    const { code, stdout, stderr } = await this.run(
      ['invoke', ...what, '--non-interactive', ...inputArguments],
      connection,
    );
    if (code !== 0) throw new Error(`invoke ${what.join(' ')} failed:\n${stdout}\n${stderr}`);
    return readResult(stdout);
  }

  /** Runs a script with Node 22 and returns its output. @throws Error with the output. */
  async runScript(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.#spawn(this.#installation.node, ['-e', script], {});
    if (code !== 0) throw new Error(`The script failed:\n${stdout}\n${stderr}`);
    return stdout;
  }

  #spawn(program: string, programArguments: string[], environment: Record<string, string>): Promise<Outcome> {
    const options = {
      cwd: appFolder,
      env: { ...process.env, PATH: this.#installation.path, ...environment },
      maxBuffer: 64 * 1024 * 1024,
    };
    return new Promise((done) => {
      execFile(program, programArguments, options, (error, stdout, stderr) => {
        done({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
      });
    });
  }
}

/** A result is JSON, a label is one line of text. Progress is printed to another stream. */
function readResult(stdout: string): unknown {
  const text = stdout.trim();
  return /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text;
}
