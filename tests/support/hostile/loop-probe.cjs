/**
 * Loaded into the server's process before the server: measures how long its event loop stood still and how much CPU it
 * took since it was asked last. Over the channel to its parent, so that the server itself stays as it is.
 */
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout } = require('node:timers');

// What a stop is measured with may itself be late by this, in milliseconds.
const resolution = 2;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
let cpu = process.cpuUsage();

process.on('message', () => {
  // By then the turn of the loop in which the timer of the delay was late is over.
  setTimeout(() => {
    const used = process.cpuUsage(cpu);
    process.send({
      longestStopMilliseconds: delay.max / 1e6,
      cpuMilliseconds: (used.user + used.system) / 1000,
      residentBytes: process.memoryUsage.rss(),
    });
    delay.reset();
    cpu = process.cpuUsage();
  }, 2 * resolution);
});
process.channel.unref();
