import { commands } from "./commands.ts"
import { readCommandLine } from "./frame/command-line.ts"
import { misuseText } from "./frame/misuse-text.ts"
import { version } from "./frame/version.ts"
import type { World } from "./frame/world.ts"

/**
 * Runs a command line (without the interpreter and the script) and gives the exit code: 0 done or unchanged, 1 failed,
 * 2 not understood, 130 interrupted (129 and 143 for SIGHUP and SIGTERM).
 */
export const distgraph = async (argv: ReadonlyArray<string>, world: World): Promise<number> => {
  const line = readCommandLine(commands, argv, world)
  switch (line._tag) {
    case "Help":
      world.stdout(line.text)
      return 0
    case "Version":
      world.stdout(`${version()}\n`)
      return 0
    case "Misuse":
      world.stderr(misuseText(line.usage, line.reason))
      if (line.json)
        world.stdout(`${JSON.stringify({ error: { _tag: "UsageError", message: line.reason } }, null, 2)}\n`)
      return 2
    case "Run": {
      // what parses a command line stays free of Effect, which takes the larger part of a start
      const { execute } = await import("./frame/execute.ts")
      return execute(line.command, line.args, world)
    }
  }
}
