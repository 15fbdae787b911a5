/**
 * Loaded into the server's process before the server: measures how long its event loop stood still, for how much CPU that
 * was, and how much CPU the process took since it was asked last. Over the channel to its parent, so that the server
 * itself stays as it is.
 */
const { existsSync, readFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setInterval, setTimeout } = require('node:timers');

// What a stop is measured with may itself be late by this, in milliseconds.
const resolution = 2;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
let cpu = process.cpuUsage();

/** Linux tells how long the main thread was on a processor, in nanoseconds; elsewhere the whole process has to do. */
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
// Between two of these the loop came round once, or was idle.
setInterval(() => {
  const now = cpuOfThread();
  longestTurn = Math.max(longestTurn, now - cpuAtLastTurn);
  cpuAtLastTurn = now;
}, resolution).unref();

process.on('message', () => {
  // By then the turn of the loop in which the timer of the delay was late is over.
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
