import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { commands } from "../../../src/cli/commands.ts"
import type { Surroundings } from "../../../src/cli/frame/argument-values.ts"
import { command, spec } from "../../../src/cli/frame/command.ts"
import { readCommandLine } from "../../../src/cli/frame/command-line.ts"
import { globalOptions } from "../../../src/cli/frame/global-options.ts"

const Export = spec({
  name: "export",
  summary: "Export a tag",
  hub: true,
  arguments: {
    tag: { kind: "one", value: "tag", missing: "You must provide a tag" },
    keys: { kind: "any", value: "key" }
  },
  options: {
    arch: { kind: "list", long: "--arch", short: "-a", value: "ARCH", summary: "" },
    event: { kind: "integer", long: "--event", value: "EVENT", summary: "" },
    force: { kind: "flag", long: "--force", summary: "" },
    noSkip: { kind: "flag", long: "--no-skip", summary: "" },
    comps: { kind: "path", long: "--comps", value: "FILE", summary: "" },
    given: { kind: "paths", long: "--given", value: "FILE", summary: "" },
    extra: { kind: "named-paths", long: "--extra", value: "NAME=FILE", summary: "" },
    compress: { kind: "choice", long: "--compress", value: "KIND", choices: ["zstd", "gz"], summary: "" }
  }
})

const Read = spec({
  name: "read",
  summary: "Read files",
  hub: false,
  arguments: { files: { kind: "some", value: "file", path: true, missing: "Please specify a file" } },
  options: {}
})

const table = [Export, Read].map((spec) => command(spec, async () => () => Effect.succeed({ lines: [], data: null })))
const env = { DISTGRAPH_TOPDIR: "/mnt/hub", XDG_CACHE_HOME: "/cache" }
const read = (words: string, surroundings: Surroundings = { env, cwd: "/home/me" }) =>
  readCommandLine(table, words.split(" ").filter(Boolean), surroundings)
const args = (words: string, surroundings?: Surroundings) => {
  const line = read(words, surroundings)
  return line._tag === "Run" ? line.args : line
}
const reason = (words: string, surroundings?: Surroundings) => {
  const line = read(words, surroundings)
  return line._tag === "Misuse" ? line.reason : line
}

describe("a command line", () => {
  it("gives every argument and option of the command a value", () => {
    expect(args("export f42")).toEqual({
      tag: "f42",
      keys: [],
      arch: [],
      event: undefined,
      force: false,
      noSkip: false,
      comps: undefined,
      given: [],
      extra: [],
      compress: undefined,
      topdir: "/mnt/hub",
      store: "/cache/distgraph",
      storeSize: 20 * 1024 ** 3,
      json: false,
      quiet: false
    })
  })

  it("takes how large the store may grow from the environment", () => {
    const withSize = (size: string) => ({ env: { ...env, DISTGRAPH_STORE_SIZE: size }, cwd: "/home/me" })
    expect(args("export f42", withSize("1.5G"))).toMatchObject({ storeSize: 1.5 * 1024 ** 3 })
    expect(args("export f42", withSize("none"))).toMatchObject({ storeSize: null })
    expect(reason("export f42", withSize("much"))).toMatch("DISTGRAPH_STORE_SIZE is not a size")
  })

  it("takes options before, between and after the positional arguments", () => {
    const expected = { tag: "f42", keys: ["k1", "k2"], arch: ["x86_64", "i686"], force: true, event: 87 }
    for (const words of [
      "export --arch x86_64 -a i686 --force --event 87 f42 k1 k2",
      "export f42 --arch=x86_64 k1 --force k2 -ai686 --event=87",
      "export f42 k1 k2 --event 87 --force -a x86_64 --arch i686"
    ]) {
      expect(args(words)).toMatchObject(expected)
    }
  })

  it("takes global options before and after the command's name", () => {
    const expected = { topdir: "/srv/koji", store: "/srv/store", json: true, quiet: true }
    expect(args("--topdir /srv/koji --store=/srv/store --json -q export f42")).toMatchObject(expected)
    expect(args("export f42 --topdir=/srv/koji --store /srv/store --quiet --json")).toMatchObject(expected)
    expect(args("--json export --topdir /srv/koji f42 --store /srv/store -q")).toMatchObject(expected)
  })

  it("keeps all values of a repeatable option and the last one of another", () => {
    expect(args("export f42 -a b -a a -a b --event 1 --event 2")).toMatchObject({ arch: ["b", "a", "b"], event: 2 })
  })

  it("reads what follows -- as arguments", () => {
    expect(args("export -- f42 --force --json")).toMatchObject({
      keys: ["--force", "--json"],
      force: false,
      json: false
    })
  })

  it("knows an option that begins with --no- by its own name", () => {
    expect(args("export f42 --no-skip")).toMatchObject({ noSkip: true })
  })

  it("says what is wrong", () => {
    expect(reason("")).toBe("Please give a command")
    expect(reason("--json")).toBe("Please give a command")
    expect(reason("frobnicate f42")).toBe("Unknown command: frobnicate")
    expect(reason("exprt f42")).toBe("Unknown command: exprt (did you mean export?)")
    expect(reason("export")).toBe("You must provide a tag")
    expect(reason("export f42 --fast")).toBe("unknown option '--fast'")
    expect(reason("--fast export f42")).toBe("unknown option '--fast'")
    expect(reason("export f42 --event")).toBe("option '--event <EVENT>' argument missing")
    expect(reason("export f42 --event soon")).toBe("option --event: invalid integer value: 'soon'")
    expect(reason("export f42 --compress xz")).toBe(
      "option --compress: invalid choice: 'xz' (choose from 'zstd', 'gz')"
    )
    expect(reason("export f42 --comps=")).toBe("option --comps: the path is empty")
  })

  it("names the commands whose names are most like an unknown one", () => {
    const unknown = (name: string) => readCommandLine(commands, [name], { env, cwd: "/" })
    expect(unknown("list-tag")).toMatchObject({ reason: "Unknown command: list-tag (did you mean list-tags?)" })
    expect(unknown("block-pkgs")).toMatchObject({ reason: "Unknown command: block-pkgs (did you mean block-pkg?)" })
  })

  it("refuses an argument too many", () => {
    expect(readCommandLine(commands, ["add-tag", "a", "b"], { env, cwd: "/" })).toMatchObject({
      _tag: "Misuse",
      usage: "Usage: distgraph add-tag [options] <name>",
      reason: "Unexpected argument: b"
    })
    for (const name of ["list-pkgs", "list-history"]) {
      expect(readCommandLine(commands, [name, "f42"], { env, cwd: "/" })).toMatchObject({
        _tag: "Misuse",
        reason: "Unexpected argument: f42 (did you mean --tag f42?)"
      })
    }
  })

  it("refuses an empty path", () => {
    expect(readCommandLine(commands, ["import", "a.rpm", ""], { env, cwd: "/" })).toMatchObject({
      _tag: "Misuse",
      reason: "argument <package>: the path is empty"
    })
  })

  it("names both ways to say where the hub is, and asks only a command that needs one", () => {
    const nothing = { env: { DISTGRAPH_TOPDIR: "" }, cwd: "/home/me" }
    expect(reason("export f42", nothing)).toBe(
      "Please give the hub's directory: --topdir DIR, or DISTGRAPH_TOPDIR in the environment"
    )
    expect(args("read a", nothing)).toMatchObject({ topdir: undefined })
  })

  it("tells whether an error is wanted as JSON", () => {
    expect(read("export --json")).toMatchObject({ _tag: "Misuse", json: true })
    expect(read("export")).toMatchObject({ _tag: "Misuse", json: false })
  })

  it("asks for help or the version anywhere", () => {
    expect(read("--version")).toEqual({ _tag: "Version" })
    expect(read("export --version")).toEqual({ _tag: "Version" })
    for (const words of ["export --help", "export f42 -h", "help export", "--json help export"]) {
      expect(read(words)).toMatchObject({
        _tag: "Help",
        text: expect.stringContaining("export [options] <tag> [<key> ...]")
      })
    }
    for (const words of ["--help", "-h", "help"]) {
      expect(read(words)).toMatchObject({ _tag: "Help", text: expect.stringMatching(/read +Read files/) })
    }
  })
})

describe("a path on the command line", () => {
  it("stays as it was typed, but where the hub and the store are is made absolute", () => {
    expect(args("read a/b ../c")).toMatchObject({ files: ["a/b", "../c"] })
    expect(args("export f42 --topdir top --store s")).toMatchObject({ topdir: "/home/me/top", store: "/home/me/s" })
    expect(
      args("export f42", { env: { DISTGRAPH_TOPDIR: "top", DISTGRAPH_STORE: "s" }, cwd: "/home/me" })
    ).toMatchObject({ topdir: "/home/me/top", store: "/home/me/s" })
  })

  it("is meant from where npm was called, if npm went to this project's root to run it", () => {
    const root = join(import.meta.dirname, "../../..")
    const npm = { env: { ...env, INIT_CWD: "/home/me/here" }, cwd: root }
    expect(args("read a", npm)).toMatchObject({ files: ["/home/me/here/a"] })
    expect(args("export f42 --topdir top", npm)).toMatchObject({ topdir: "/home/me/here/top" })
    expect(args("export f42 --given a --given b --extra c=d=e", npm)).toMatchObject({
      given: ["/home/me/here/a", "/home/me/here/b"],
      extra: ["c=/home/me/here/d=e"]
    })
    expect(args("read a", { ...npm, cwd: "/elsewhere" })).toMatchObject({ files: ["a"] })
  })

  it("has a name before it where it must have one", () => {
    expect(args("export f42 --extra a=b")).toMatchObject({ extra: ["a=b"] })
    for (const value of ["a", "a=", "=b"]) {
      const problem = `option --extra: '${value}' is not a name and a path, with = between them`
      expect(reason(`export f42 --extra ${value}`)).toBe(problem)
    }
  })

  it("of the store defaults to the user's cache directory", () => {
    expect(args("read a", { env: { XDG_CACHE_HOME: "/c" }, cwd: "/" })).toMatchObject({ store: "/c/distgraph" })
    expect(args("read a", { env: { XDG_CACHE_HOME: "relative" }, cwd: "/" })).toMatchObject({
      store: expect.stringMatching(/^\/.*\/\.cache\/distgraph$/)
    })
  })
})

describe("the table of commands", () => {
  const specs = commands.map(({ spec }) => spec)

  it("names each command once", () => {
    expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length)
  })

  it.each(specs.map((spec) => [spec.name, spec] as const))("%s: each option has names of its own", (_, spec) => {
    const options = [...Object.values(spec.options), ...Object.values(globalOptions)]
    const names = options.flatMap((option) => [option.long, ...("short" in option ? [option.short] : [])])
    expect(new Set(names).size).toBe(names.length)
    expect(names).not.toContain("--help")
    expect(names).not.toContain("--version")
    const keys = [...Object.keys(spec.arguments), ...Object.keys(spec.options), ...Object.keys(globalOptions)]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it.each(commands.map((command) => [command.spec.name, command] as const))("%s loads", async (_, { load }) => {
    expect(await load()).toBeTypeOf("function")
  })
})
