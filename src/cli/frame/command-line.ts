import { readArguments, type Surroundings } from "./argument-values.ts"
import type { Command, CommandSpec, ParsedArgs } from "./command.ts"
import { globalOptions } from "./global-options.ts"
import { parseWords, unknownCommand, usageOf } from "./parser.ts"

/** What a command line asks for. */
export type CommandLine =
  | { readonly _tag: "Run"; readonly command: Command; readonly args: ParsedArgs }
  | { readonly _tag: "Help"; readonly text: string }
  | { readonly _tag: "Version" }
  | { readonly _tag: "Misuse"; readonly usage: string; readonly reason: string; readonly json: boolean }

/**
 * Reads a command line (without the interpreter and the script). Options stand before or after the positional arguments,
 * global ones also before the command's name; values follow as the next word or after "="; "--" ends the options.
 */
export const readCommandLine = (
  commands: ReadonlyArray<Command>,
  argv: ReadonlyArray<string>,
  surroundings: Surroundings
): CommandLine => {
  const { name, rest } = splitCommand(argv)
  if (name === "help") return readCommandLine(commands, [...rest, "--help"], surroundings)
  const named = commands.find((command) => command.spec.name === name)
  const misuse = (reason: string): CommandLine => ({
    _tag: "Misuse",
    usage: usageOf(named?.spec),
    reason,
    json: saysJson(argv)
  })
  const specs: ReadonlyArray<CommandSpec> = commands.map((command) => command.spec)
  if (name !== undefined && named === undefined) return misuse(unknownCommand(specs, name))
  const words = parseWords(named?.spec ?? specs, rest)
  if (words._tag === "Misuse") return misuse(words.reason)
  if (words._tag === "Help") return words
  if (words.version) return { _tag: "Version" }
  if (named === undefined) return misuse("Please give a command")
  const read = readArguments(named.spec, words, surroundings)
  return read._tag === "Bad" ? misuse(read.reason) : { _tag: "Run", command: named, args: read.args }
}

/** The first word that is no global option (or its value) is the command. */
const splitCommand = (argv: ReadonlyArray<string>) => {
  const valued = new Set<string>(
    Object.values(globalOptions).flatMap((option) => (option.kind === "flag" ? [] : [option.long]))
  )
  let index = 0
  while (argv[index]?.startsWith("-")) index += valued.has(argv[index] ?? "") ? 2 : 1
  return { name: argv[index], rest: [...argv.slice(0, index), ...argv.slice(index + 1)] }
}

const saysJson = (argv: ReadonlyArray<string>): boolean => {
  const end = argv.indexOf("--")
  return (end < 0 ? argv : argv.slice(0, end)).includes(globalOptions.json.long)
}
