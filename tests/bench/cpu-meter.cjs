/** Loaded before a server of a benchmark: says how much CPU its process has used, in microseconds, when it is asked. */
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send(user + system);
});
// Being asked is no reason to stay alive.
process.channel.unref();
