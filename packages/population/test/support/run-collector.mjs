// enqueuePopulation in a process of its own, for tests that end it. argv[2]: options as JSON. SIGINT aborts it.
import { enqueuePopulation } from '@mnist/population';

const stop = new AbortController();
process.on('SIGINT', () => stop.abort(new Error('SIGINT')));
try {
  const summary = await enqueuePopulation({
    ...JSON.parse(process.argv[2]),
    signal: stop.signal,
    onEvent: (event) => console.log(JSON.stringify(event)),
  });
  console.log(JSON.stringify({ type: 'summary', ...summary }));
} catch (error) {
  console.log(JSON.stringify({ type: 'error', code: error.code, kind: error.kind, message: error.message }));
  process.exitCode = 3;
}
