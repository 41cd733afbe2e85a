// A runner in a process of its own, for tests that kill it. argv[2]: options as JSON. Ctrl-C (SIGINT) aborts it.
import { trainPopulation } from '@mnist/population';

const stop = new AbortController();
process.on('SIGINT', () => stop.abort(new Error('SIGINT')));
try {
  const summary = await trainPopulation({
    ...JSON.parse(process.argv[2]),
    signal: stop.signal,
    onEvent: (event) => event.type !== 'progress' && console.log(JSON.stringify(event)),
  });
  console.log(JSON.stringify({ type: 'summary', ...summary }));
} catch (error) {
  console.log(JSON.stringify({ type: 'error', code: error.code, kind: error.kind, message: error.message }));
  process.exitCode = 3;
}
