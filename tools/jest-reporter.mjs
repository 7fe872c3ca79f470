// Says in one last line what came out, names what was skipped, and in CI takes skipped tests and empty runs as failures.
// FAILED_SPECS: a file that gets the paths of the spec files in which something failed, a line each.
import { writeFileSync, writeSync } from 'node:fs';
import { relative } from 'node:path';

export default class CountReporter {
  #config;
  #problem;

  constructor(globalConfig) {
    this.#config = globalConfig;
  }

  onRunComplete(_contexts, results) {
    const { numPassedTests: passed, numPendingTests, numTodoTests } = results;
    // A file that could not even be loaded has no tests to count.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = numPendingTests + numTodoTests;
    // Whoever asks for tests by name (-t) means to leave the others out.
    const byName = Boolean(this.#config.testNamePattern);
    const lines = [];
    if (skipped > 0 && !byName) {
      lines.push('Skipped:', ...namesOfSkipped(results).map((name) => `  ${name}`));
    }
    const { CI, FAILED_SPECS } = process.env;
    if (FAILED_SPECS)
      writeFileSync(
        FAILED_SPECS,
        failedSpecs(results)
          .map((path) => `${path}\n`)
          .join(''),
      );
    if (CI !== undefined && CI !== '' && CI !== 'false') {
      if (passed + failed === 0) this.#problem = 'no test was run';
      else if (skipped > 0 && !byName) this.#problem = `${skipped} skipped`;
      if (this.#problem !== undefined) lines.push(`Fails in CI: ${this.#problem}`);
    }
    lines.push(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

    const say = () => writeSync(1, `${lines.join('\n')}\n`);
    // Jest's own summary comes after every other reporter, so the last word has to wait for the end.
    if (this.#config.watch || this.#config.watchAll) say();
    else process.once('exit', say);
  }

  /** Jest fails the run when a reporter has an error. */
  getLastError() {
    return this.#problem === undefined ? undefined : new Error(this.#problem);
  }
}

function namesOfSkipped({ testResults }) {
  return testResults.flatMap((file) => {
    const path = relative(process.cwd(), file.testFilePath);
    if (file.skipped && file.testResults.length === 0) return [`${path} (whole file)`];
    return file.testResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ status, fullName }) => `${path} › ${fullName} (${status})`);
  });
}

function failedSpecs({ testResults }) {
  return testResults
    .filter(({ numFailingTests, testExecError }) => numFailingTests > 0 || testExecError)
    .map(({ testFilePath }) => relative(process.cwd(), testFilePath));
}
