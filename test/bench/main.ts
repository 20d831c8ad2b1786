import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { cpus, release, tmpdir, totalmem } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Either, Exit, Schema } from "effect"
import { runCases } from "./cases/run-cases.ts"
import { openCreaterepoC } from "./measure/createrepo-c.ts"
import { openDistgraph } from "./measure/distgraph.ts"
import { type BenchOptions, readOptions, usage } from "./options.ts"
import { growthOf } from "./report/growth.ts"
import { BenchReport } from "./report/report.ts"
import { reportText } from "./report/text.ts"

const bench = (options: BenchOptions) =>
  Effect.gen(function* () {
    const scratch = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "distgraph-bench-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const distgraph = yield* openDistgraph(options.distgraph, scratch)
    const createrepo = yield* openCreaterepoC(options.createrepo)
    if (options.compress === "zstd" && !createrepo.canZstd) {
      return yield* Effect.fail(new Error(`createrepo_c ${createrepo.version} cannot write zstd: give --createrepo-c`))
    }
    const { data, results } = yield* runCases({ distgraph, createrepo, options, say })
    const [cpu] = cpus()
    const report: BenchReport = {
      format: 1,
      machine: {
        cpus: cpus().length,
        model: cpu?.model ?? "unknown",
        memoryMiB: Math.round(totalmem() / 2 ** 20),
        kernel: release(),
        node: process.versions.node
      },
      distgraph: { version: distgraph.version, built: distgraph.built },
      createrepo: { version: createrepo.version },
      options: { seed: options.seed, compress: options.compress, like: options.like },
      data,
      results,
      growth: growthOf(results)
    }
    process.stdout.write(reportText(report))
    if (options.json !== undefined) {
      const encoded = Schema.encodeSync(BenchReport)(report)
      writeFileSync(options.json, `${JSON.stringify(encoded, undefined, 2)}\n`)
    }
  })

const say = (text: string) =>
  Effect.sync(() => process.stderr.write(`[${(performance.now() / 1000).toFixed(0).padStart(5)} s] ${text}\n`))

const options = readOptions(process.argv.slice(2))
if (Either.isLeft(options)) {
  process.stderr.write(`${options.left}\n\n${usage}`)
  process.exitCode = 2
} else if (options.right === undefined) process.stdout.write(usage)
else {
  const running = Effect.runFork(Effect.scoped(bench(options.right)))
  process.once("SIGINT", () => running.unsafeInterruptAsFork(running.id()))
  running.addObserver((exit) => {
    if (Exit.isSuccess(exit)) return
    const failures = [...Cause.failures(exit.cause)].map((failure) => failure.message)
    process.stderr.write(`${failures.length > 0 ? failures.join("\n") : Cause.pretty(exit.cause)}\n`)
    process.exitCode = 1
  })
}
