/**
 * Runs Vonage's own SDK in a process, because Jest on Node 20 cannot load it. It reads one JSON task from standard
 * input and prints the SDK's result.
 */
const { verifySignature } = require('@vonage/jwt');
const { Connect, NCCOBuilder, Talk, TTSLanguages, Voice, Wait } = require('@vonage/voice');

function voice({ apiHost, applicationId, privateKey }) {
  return new Voice({ applicationId, privateKey }, { apiHost });
}

function action({ talk, language, style, connect, wait }) {
  if (talk !== undefined) return new Talk(talk, undefined, undefined, undefined, language, style);
  return connect === undefined ? new Wait(wait) : new Connect(connect);
}

const tasks = {
  dial: (task) => voice(task).createOutboundCall(task.call),
  hangup: (task) =>
    voice(task)
      .hangupCall(task.uuid)
      .then(() => null),
  status: (task) => voice(task).getCall(task.uuid),
  verify: ({ tokens, secret }) => tokens.map((token) => verifySignature(token, secret)),
  ncco: ({ actions }) =>
    actions.reduce((ncco, facts) => ncco.addAction(action(facts)), new NCCOBuilder()).build(),
  languages: () => Object.values(TTSLanguages),
};

async function main() {
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  const task = JSON.parse(input);
  console.log(JSON.stringify(await tasks[task.name](task)));
}

main();
