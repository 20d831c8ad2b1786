import { join, resolve } from "node:path"
import { checkout } from "../../bundle/entries.ts"
import { bytesOfSize } from "../words/size.ts"
import { userCacheDir } from "./cache-dir.ts"
import type { ArgumentSpec, CommandSpec, OptionSpec, ParsedArgs } from "./command.ts"
import { globalOptions } from "./global-options.ts"
import type { Words } from "./parser.ts"

/** What the meaning of a command line depends on beside its words. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

/** The values of a command's arguments and options by their names in the spec, or the usage error. */
export const readArguments = (
  spec: CommandSpec,
  { operands, given }: Words,
  { env, cwd }: Surroundings
): { readonly _tag: "Good"; readonly args: ParsedArgs } | Bad => {
  const home = directoryOfUser(env, cwd)
  // as it was typed, so that messages name it so, unless npm took us elsewhere
  const pathOf = (path: string) => (home === cwd ? path : resolve(home, path))
  const positional = readOperands(spec, operands, pathOf)
  if (positional._tag === "Bad") return positional
  const values: Record<string, unknown> = { ...positional.value }
  for (const [key, option] of Object.entries({ ...spec.options, ...globalOptions })) {
    const read = optionValue(option, given.get(key) ?? [], pathOf)
    if (read._tag === "Bad") return bad(`option ${option.long}: ${read.reason}`)
    values[key] = read.value
  }
  const topdir = values["topdir"] ?? fromEnv(env, "DISTGRAPH_TOPDIR")
  if (spec.hub && topdir === undefined) {
    return bad("Please give the hub's directory: --topdir DIR, or DISTGRAPH_TOPDIR in the environment")
  }
  const store = values["store"] ?? fromEnv(env, "DISTGRAPH_STORE") ?? join(userCacheDir(env), "distgraph")
  const storeSize = storeSizeIn(env)
  if (storeSize === undefined) return bad("DISTGRAPH_STORE_SIZE is not a size such as 500M, 20G or none")
  const globals = {
    topdir: typeof topdir === "string" ? resolve(home, topdir) : undefined,
    store: resolve(home, String(store)),
    storeSize,
    json: values["json"] === true,
    quiet: values["quiet"] === true
  }
  return { _tag: "Good", args: { ...values, ...globals } }
}

type Bad = { readonly _tag: "Bad"; readonly reason: string }
type Read<A> = { readonly _tag: "Good"; readonly value: A } | Bad

const bad = (reason: string): Bad => ({ _tag: "Bad", reason })
const good = <A>(value: A): Read<A> => ({ _tag: "Good", value })

const readOperands = (
  spec: CommandSpec,
  operands: ReadonlyArray<string>,
  pathOf: (path: string) => string
): Read<Readonly<Record<string, unknown>>> => {
  const values: Record<string, unknown> = {}
  let rest = operands
  for (const [key, argument] of Object.entries(spec.arguments)) {
    const many = takesMany(argument)
    const taken = (many ? rest : rest.slice(0, 1)).map((word) => (argument.path && word !== "" ? pathOf(word) : word))
    if ("missing" in argument && taken.length === 0) return bad(argument.missing)
    if (argument.path && taken.includes("")) return bad(`argument <${argument.value}>: the path is empty`)
    values[key] = many ? taken : taken[0]
    rest = rest.slice(taken.length)
  }
  const [first] = rest
  return first === undefined ? good(values) : bad(`Unexpected argument: ${first}${tagHint(spec, first)}`)
}

/** In Koji too some commands take their tag as an option, most as an argument. */
const tagHint = ({ options }: CommandSpec, word: string): string =>
  Object.values(options).some(({ long }) => long === "--tag") ? ` (did you mean --tag ${word}?)` : ""

const takesMany = ({ kind }: ArgumentSpec): boolean => kind === "some" || kind === "any"

const optionValue = (
  option: OptionSpec,
  given: ReadonlyArray<string | null>,
  pathOf: (path: string) => string
): Read<unknown> => {
  const texts = given.filter((value) => value !== null)
  if (option.kind === "flag") return good(given.length > 0)
  if (option.kind === "list") return good(texts)
  if (option.kind === "paths") return texts.includes("") ? bad("the path is empty") : good(texts.map(pathOf))
  if (option.kind === "named-paths") return namedPaths(texts, pathOf)
  const text = texts.at(-1)
  if (text === undefined) return good(undefined)
  switch (option.kind) {
    case "text":
      return good(text)
    case "path":
      return text === "" ? bad("the path is empty") : good(pathOf(text))
    case "integer":
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? good(Number(text))
        : bad(`invalid integer value: '${text}'`)
    case "choice":
      return option.choices.includes(text)
        ? good(text)
        : bad(`invalid choice: '${text}' (choose from ${option.choices.map((choice) => `'${choice}'`).join(", ")})`)
  }
}

const namedPaths = (texts: ReadonlyArray<string>, pathOf: (path: string) => string): Read<ReadonlyArray<string>> => {
  const unnamed = texts.find((text) => !/^[^=]+=./s.test(text))
  if (unnamed !== undefined) return bad(`'${unnamed}' is not a name and a path, with = between them`)
  return good(texts.map((text) => text.replace(/(?<==).*/s, pathOf)))
}

/** In bytes; null for no bound. */
const storeSizeIn = (env: NodeJS.ProcessEnv): number | null | undefined => {
  const size = fromEnv(env, "DISTGRAPH_STORE_SIZE") ?? usualStoreSize
  return size === "none" ? null : bytesOfSize(size)
}

/** Some ten large tags have room in it. */
const usualStoreSize = "20G"

const fromEnv = (env: NodeJS.ProcessEnv, name: string): string | undefined => env[name] || undefined

/** Where the user stands: `npm run` goes to this project's root and leaves the directory it was called in in INIT_CWD. */
const directoryOfUser = (env: NodeJS.ProcessEnv, cwd: string): string =>
  cwd === checkout() ? (fromEnv(env, "INIT_CWD") ?? cwd) : cwd
