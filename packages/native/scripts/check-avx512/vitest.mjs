// As much of vitest as conformance.test.ts uses, for a guest that has no packages. Runs what has MNIST_TEST_ONLY in its name.
const tests = [];
let names = [];
let described = Promise.resolve();

export function describe(name, define) {
  described = described.then(async () => {
    names = [name];
    await define();
    names = [];
  });
}
export function test(name, run) {
  tests.push({ name: [...names, name].join(' > '), run });
}
test.skip = (name) => console.log(`skipped: ${name}`);

async function runAll() {
  await described;
  const failures = [];
  const chosen = tests.filter(({ name }) => name.includes(process.env.MNIST_TEST_ONLY ?? ''));
  for (const { name, run } of chosen) {
    try {
      await run();
    } catch (error) {
      failures.push(name);
      console.log(`FAILED ${name}\n${error.stack}`);
    }
  }
  console.log(`${chosen.length - failures.length} passed, ${failures.length} failed`);
  // None at all is a failure too.
  process.exit(failures.length > 0 || chosen.length === 0 ? 1 : 0);
}
setTimeout(runAll);
