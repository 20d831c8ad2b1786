import { CommanderError, Command as Parser, Option as ParserOption } from "commander"
import type { ArgumentSpec, CommandSpec, OptionSpec } from "./command.ts"
import { globalOptions } from "./global-options.ts"

/** A command line's words, told apart. */
export interface Words {
  readonly operands: ReadonlyArray<string>
  /** The values of each option that was given, by its name in the spec, in order; a flag's are null. */
  readonly given: ReadonlyMap<string, ReadonlyArray<string | null>>
  readonly version: boolean
}

/** Tells options and operands apart by a command's spec, or, where no command is named, by the list of all commands. */
export const parseWords = (
  spec: CommandSpec | ReadonlyArray<CommandSpec>,
  argv: ReadonlyArray<string>
):
  | ({ readonly _tag: "Words" } & Words)
  | { readonly _tag: "Help"; readonly text: string }
  | { readonly _tag: "Misuse"; readonly reason: string } => {
  const given = new Map<string, ReadonlyArray<string | null>>()
  let version = false
  let help = ""
  const parser = new Parser("distgraph").addHelpOption(
    new ParserOption("-h, --help", "Show this help").helpGroup(GLOBAL)
  )
  const add = (group: string, option: OptionSpec, listener: (value: string | null) => void) => {
    const flags = option.short ? `${option.short}, ${option.long}` : option.long
    const words = option.kind === "flag" ? flags : `${flags} <${option.value}>`
    parser.addOption(new ParserOption(words, option.summary).helpGroup(group))
    parser.on(`option:${option.long.slice(2)}`, (value?: string) => listener(value ?? null))
  }
  const record = (key: string) => (value: string | null) => given.set(key, [...(given.get(key) ?? []), value])
  if ("name" in spec) {
    parser.usage(usageWords(spec)).description(spec.description ?? `${spec.summary}.`)
    parser.argument("[operands...]")
    for (const [key, option] of Object.entries(spec.options)) add("Options:", option, record(key))
  } else {
    parser.usage(usageWords(undefined)).helpCommand("help [command]", "Show the help of a command")
    parser.action(() => undefined)
    for (const { name, summary } of spec) parser.addCommand(new Parser(name).usage(" ").summary(summary))
  }
  for (const [key, option] of Object.entries(globalOptions)) add(GLOBAL, option, record(key))
  add(GLOBAL, { kind: "flag", long: "--version", summary: "Show the version" }, () => (version = true))
  parser.exitOverride().configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined })
  parser.configureHelp({ visibleArguments: () => [] })
  try {
    parser.parse(argv, { from: "user" })
    return { _tag: "Words", operands: parser.args, given, version }
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === "commander.helpDisplayed") return { _tag: "Help", text: help }
    return { _tag: "Misuse", reason: error.message.replace(/^error: /, "") }
  }
}

/** What is wrong with the name of a command that is not there, with the names most like it. */
export const unknownCommand = (specs: ReadonlyArray<CommandSpec>, name: string): string => {
  const parser = new Parser("distgraph").exitOverride().configureOutput({ writeErr: () => undefined })
  for (const spec of specs) parser.addCommand(new Parser(spec.name))
  try {
    parser.parse(["--", name], { from: "user" })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const [hint] = /\(Did you mean .*\?\)/.exec(error.message) ?? []
    if (hint !== undefined) return `Unknown command: ${name} ${hint.replace("(Did", "(did")}`
  }
  return `Unknown command: ${name}`
}

/** The line that begins a help text or a usage error. */
export const usageOf = (spec: CommandSpec | undefined): string => `Usage: distgraph ${usageWords(spec)}`

const GLOBAL = "Global options:"

const usageWords = (spec: CommandSpec | undefined): string =>
  spec
    ? [spec.name, "[options]", ...Object.values(spec.arguments).map(argumentWords)].join(" ")
    : "[options] COMMAND [arguments]"

const argumentWords = ({ kind, value }: ArgumentSpec): string => {
  switch (kind) {
    case "one":
      return `<${value}>`
    case "optional":
      return `[<${value}>]`
    case "some":
      return `<${value}> [<${value}> ...]`
    case "any":
      return `[<${value}> ...]`
  }
}
