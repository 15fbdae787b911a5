/** Preloaded into a server of a benchmark. On request it reports how much CPU the process has used, in microseconds. */
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send(user + system);
});
// The channel for these requests must not keep the process alive.
process.channel.unref();
