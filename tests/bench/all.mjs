/**
 * Runs the benchmarks one after another: all of them, or those that are named (`npm run bench -- storage start`). One below
 * its target does not stop the others.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const known = [
  'trigger',
  'carrier',
  'usage',
  'webhooks',
  'event-rate',
  'retention',
  'start',
  'queue',
  'campaigns',
  'talks',
  // Starts PostgreSQL, which it may install first.
  'storage',
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}

const failed = (asked.length > 0 ? asked : known).filter((name) => {
  console.log(`\n# ${name}`);
  const script = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  return spawnSync(process.execPath, [script], { stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) {
  console.error(`\nBelow their target, or failed: ${failed.join(', ')}`);
  process.exit(1);
}
