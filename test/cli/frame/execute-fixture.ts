import { Effect } from "effect"
import { type Command, command, spec } from "../../../src/cli/frame/command.ts"
import { execute } from "../../../src/cli/frame/execute.ts"
import { Output } from "../../../src/cli/frame/output.ts"
import { Stop } from "../../../src/cli/frame/stop.ts"
import { processWorld } from "../../../src/cli/frame/world.ts"

/** A program of one command, chosen by name, for the tests of `execute`. */

const Empty = spec({ name: "empty", summary: "", hub: false, arguments: {}, options: {} })

const Endless = spec({ name: "endless", summary: "", hub: false, endsBySignal: true, arguments: {}, options: {} })

const commands: Readonly<Record<string, Command>> = {
  waiting: command(
    Empty,
    async () => () =>
      Effect.flatMap(Output, ({ talk }) =>
        talk("waiting").pipe(Effect.zipRight(Effect.never), Effect.ensuring(talk("cleaned up")))
      )
  ),
  stuck: command(
    Empty,
    async () => () =>
      Effect.flatMap(Output, ({ talk }) =>
        Effect.uninterruptible(
          Effect.zipRight(talk("waiting"), Effect.as(Effect.sleep("1 minute"), { lines: [], data: null }))
        )
      )
  ),
  endless: command(
    Endless,
    async () => () =>
      Effect.gen(function* () {
        const { talk } = yield* Output
        yield* talk("waiting")
        yield* Effect.raceFirst(Effect.ensuring(Effect.never, talk("cleaned up")), yield* Stop)
        return { lines: ["done"], data: null }
      })
  ),
  broken: command(Empty, async () => () => Effect.die(new TypeError("undefined is not a package"))),
  unloadable: command(Empty, () => Promise.reject(new Error("no such module"))),
  logging: command(
    Empty,
    async () => () => Effect.logInfo("read 3 packages").pipe(Effect.as({ lines: ["done"], data: { done: true } }))
  ),
  long: command(
    Empty,
    async () => () =>
      Effect.succeed({ lines: Array.from({ length: 200_000 }, (_, line) => `line ${line}`), data: null })
  )
}

const [name = "", ...flags] = process.argv.slice(2)
const chosen = commands[name]
if (chosen === undefined) throw new Error(`no command ${name}`)
const args = {
  topdir: undefined,
  store: "/nonexistent",
  storeSize: null,
  json: flags.includes("--json"),
  quiet: flags.includes("--quiet")
}
process.exitCode = await execute(chosen, args, processWorld())
