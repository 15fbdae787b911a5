/**
 * Loaded into the server's process before the server. It measures how long the event loop was blocked, the CPU time
 * of the longest turn, and the CPU time of the process since the last query. It answers over the channel to the
 * parent process, so that the server itself is unchanged.
 */
const { existsSync, readFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setInterval, setTimeout } = require('node:timers');

// The resolution of the delay monitor, in milliseconds.
const resolution = 2;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
let cpu = process.cpuUsage();

/** Linux reports the CPU time of the main thread in nanoseconds. Other systems use the CPU time of the process. */
const threadFile = '/proc/self/schedstat';
const hasThreadFile = existsSync(threadFile);

/** In milliseconds. */
function cpuOfThread() {
  if (hasThreadFile) return Number.parseInt(readFileSync(threadFile, 'latin1'), 10) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

let cpuAtLastTurn = cpuOfThread();
let longestTurn = 0;
// Runs once per turn of the event loop.
setInterval(() => {
  const now = cpuOfThread();
  longestTurn = Math.max(longestTurn, now - cpuAtLastTurn);
  cpuAtLastTurn = now;
}, resolution).unref();

process.on('message', () => {
  // Waits until the turn in which the delay occurred is over.
  setTimeout(() => {
    const used = process.cpuUsage(cpu);
    process.send({
      longestStopMilliseconds: delay.max / 1e6,
      longestTurnMilliseconds: longestTurn,
      cpuMilliseconds: (used.user + used.system) / 1000,
      residentBytes: process.memoryUsage.rss(),
    });
    delay.reset();
    longestTurn = 0;
    cpu = process.cpuUsage();
  }, 2 * resolution);
});
process.channel.unref();
