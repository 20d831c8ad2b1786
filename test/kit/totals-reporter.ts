import type { Reporter, TestModule, TestRunEndReason } from "vitest/node"

/** Ends a run with one line that counts everything, skipped tests too: `N passed, N failed, N skipped`. */
// biome-ignore lint/style/noDefaultExport: vitest loads a reporter given by path through its default export
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>, reason: TestRunEndReason): void {
    const totals = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) totals.failed += 1
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) totals.failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        // A test below two levels of a skipped `describe` stays pending.
        totals[state === "pending" ? "skipped" : state] += 1
      }
    }
    if (totals.failed === 0 && (reason !== "passed" || errors.length > 0)) totals.failed = 1
    const { failed, passed, skipped } = totals
    process.on("exit", () => process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`))
  }
}
