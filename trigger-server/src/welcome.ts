/**
 * The text that the server prints when it listens: its addresses, a curl command ready to paste, and at the first start
 * a link that signs in.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { signInLinkFile } from './accounts/sign-in-link-file';
import { linkMinutes, signInAddress } from './accounts/sign-in-links';
import type { Config } from './config';
import { ownAddress } from './own-address';
import type { DemoTrigger } from './seed';

/**
 * @param port the actual port, which differs from `config.port` if that is 0.
 * @param isTerminal whether the output is a terminal. Other output (the journal, a container's log) is stored and has
 *   other readers, so there the demo key, which the curl command reads, and the sign-in link go into private files.
 */
export function welcome(config: Config, port: number, demo: DemoTrigger | null, isTerminal: boolean): string {
  const base = ownAddress(config, port);
  const serves =
    config.role === 'worker'
      ? '/api/v1/health alone: ROLE=worker'
      : `console: ${base}, API reference: ${base}/docs`;
  const lines = [`Dograh Trigger listens on ${base} (${serves})`];
  if (demo !== null) {
    const trigger = `${base}/api/v1/public/agent`;
    const key = isTerminal ? demo.newApiKey : null;
    const file = resolve(`${config.filesBeside}.demo-key`);
    if (key === null && demo.newApiKey !== null) writePrivately(file, demo.newApiKey);
    lines.push(
      `  production  POST ${trigger}/${demo.triggerPath}`,
      `  test        POST ${trigger}/test/${demo.triggerPath}`,
      ...(key === null ? [] : [`  API key     ${key}  (shown this once: keep it)`]),
      ...(key === null && demo.newApiKey !== null ? [`  API key     in ${file}`] : []),
      'Place a call in the sandbox:',
      curlLine(`${trigger}/${demo.triggerPath}`, key ?? shellKey(config, file), { user }),
    );
    if (demo.talkPath !== null) {
      const context = { user, sandbox_says: ['Yes, please.', 'On Tuesday. Done.'] };
      lines.push(
        'Place one that talks, and see its transcript in the console (without LLM_MODEL, a built-in script answers):',
        curlLine(`${trigger}/${demo.talkPath}`, key ?? shellKey(config, file), context),
      );
    }
    if (demo.signInToken !== null) {
      lines.push(...signInLines(config, signInAddress(base, demo.signInToken), isTerminal));
    }
  }
  return `${lines.join('\n')}\n`;
}

const user = { name: 'Jane' };

/** The context holds no apostrophe, which would end the shell's quotes. */
function curlLine(url: string, key: string, context: object): string {
  const body = JSON.stringify({ phone_number: '+14155550100', initial_context: context });
  return `  curl -X POST ${url} -H "X-API-Key: ${key}" -H "Content-Type: application/json" -d '${body}'`;
}

/** The shell expression for a key that is not printed. */
function shellKey(config: Config, file: string): string {
  if (config.bootstrapApiKey !== null) return '$BOOTSTRAP_API_KEY';
  if (!existsSync(file)) return '$DOGRAH_API_KEY';
  return `$(cat '${file.replaceAll("'", String.raw`'\''`)}')`;
}

function signInLines(config: Config, link: string, isTerminal: boolean): string[] {
  const title = `Sign in (works once, for ${String(linkMinutes)} minutes; npm run admin -- sign-in-link prints another link):`;
  if (isTerminal) return [title, `  ${link}`];
  const file = signInLinkFile(config);
  writePrivately(file, link);
  return [title, `  the link is in ${file}`];
}

/** An existing file would keep its mode, so it is deleted first. */
function writePrivately(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  rmSync(file, { force: true });
  writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
}
