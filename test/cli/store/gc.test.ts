import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bytesOfSize, sizeText } from "../../../src/cli/words/size.ts"
import { ageStore } from "../../kit/aged-store.ts"
import { fixture } from "../../kit/fixtures.ts"
import { storedIn } from "../../kit/stored.ts"
import { runHere } from "../run-cli.ts"

let folder: string
let env: Record<string, string>
const store = () => join(folder, "store")
const packages = () => join(folder, "packages")

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-gc-cli-"))
  mkdirSync(packages())
  env = { DISTGRAPH_STORE: store() }
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = async (...args: ReadonlyArray<string>) => {
  const result = await runHere(args, env)
  expect(result.code, result.stderr).toBe(0)
  return result
}

/** Makes the repository of the directory with one more package in it. */
const madeWith = async (name: string): Promise<void> => {
  const at = join(packages(), name)
  cpSync(fixture("unsigned", name), at)
  utimesSync(at, 1_600_000_000, 1_600_000_000)
  await run("createrepo", packages())
}

const twoStates = async (): Promise<void> => {
  await madeWith("hello-1.0-1.x86_64.rpm")
  ageStore(store(), 100)
  await madeWith("minish-5-2.x86_64.rpm")
  ageStore(store(), 48)
}

describe("gc", () => {
  it("says of each state whether it stays and why, first dry, then while it does so", async () => {
    await twoStates()
    const killed = "2b1a7f39-left"
    writeFileSync(join(store(), "v4/incoming", killed), "half a blo")
    const before = storedIn(store())
    const dry = await run("gc", "--dry-run", "--max-size", "1k")
    const label = `createrepo ${packages()}`
    expect(dry.stdout.replaceAll(/\d[\d.]* (results?|blobs?|bytes|KiB)/g, "N $1")).toBe(
      [
        `${label}, run 2 (N results, N blobs, N KiB of its own) stays: it is the newest, used 2 days ago`,
        `${label}, run 1 (N results, N blobs, N KiB of its own) goes: it was used 6 days ago, and there is no room for it`,
        // the earlier witnesses of the files
        "N results, N blob, N bytes that no state has go",
        `the file incoming/${killed} goes: a killed process left it half-written`,
        "the bound of N KiB cannot be met: what was used lately and the newest states take N KiB",
        `${store()} has N KiB, and about N KiB would stay`,
        ""
      ].join("\n")
    )
    expect(storedIn(store())).toEqual(before)
    expect(existsSync(join(store(), "v4/incoming", killed))).toBe(true)

    const done = await run("gc", "--max-size", "1k")
    expect(done.stdout.split("\n").slice(0, 5)).toEqual(dry.stdout.split("\n").slice(0, 5))
    expect(done.stdout).toMatch(/ has [\d.]+ KiB, and had [\d.]+ KiB\n$/)
    expect(storedIn(store()).nodes.length).toBeLessThan(before.nodes.length)
    expect(existsSync(join(store(), "v4/incoming", killed))).toBe(false)
  })

  it("says the same to programs", async () => {
    await twoStates()
    const { stdout } = await run("gc", "--json", "--max-size=1", "--keep-within", "8h")
    expect(JSON.parse(stdout)).toMatchObject({
      dry_run: false,
      store: store(),
      policy: { keep_within: 8 * 3600, lifetime: 90 * 86_400, max_size: 1 },
      states: [
        { label: `createrepo ${packages()}`, run: 2, verdict: "stays", because: "newest" },
        { label: `createrepo ${packages()}`, run: 1, verdict: "goes", because: "size" }
      ],
      fits: false,
      held_by: null,
      forgotten: []
    })
  })

  it("keeps all as long as there is room, and the bound is that of the environment unless told", async () => {
    await twoStates()
    const verdicts = async (...args: ReadonlyArray<string>) => {
      const { stdout } = await run("gc", "--dry-run", "--json", ...args)
      return JSON.parse(stdout).states.map(({ because }: { because: string }) => because)
    }
    expect(await verdicts()).toEqual(["newest", "fits"])
    env = { ...env, DISTGRAPH_STORE_SIZE: "1K" }
    expect(await verdicts()).toEqual(["newest", "size"])
    expect(await verdicts("--max-size", "none")).toEqual(["newest", "fits"])
    expect(await verdicts("--lifetime", "3d", "--max-size", "none")).toEqual(["newest", "unused"])
  })

  it("is done by an export too, once a day, where the store is larger than it may be", async () => {
    env = { ...env, DISTGRAPH_STORE_SIZE: "1K" }
    await madeWith("hello-1.0-1.x86_64.rpm")
    ageStore(store(), 48)
    rmSync(join(store(), "v4/size-looked-at"))
    cpSync(fixture("unsigned", "minish-5-2.x86_64.rpm"), join(packages(), "minish-5-2.x86_64.rpm"))
    const { stderr } = await run("createrepo", packages())
    expect(stderr).toMatch(/the store .* was larger than 1.0 KiB: it went from .* KiB to .* KiB/)
    expect(storedIn(store()).runs).toContain(2)
    expect((await run("createrepo", packages())).stderr).not.toContain("larger")
  })

  it("has nothing to do where there is no store", async () => {
    const { stdout } = await run("gc")
    expect(stdout).toBe(`${store()} has 0 bytes, and had 0 bytes\n`)
    expect(existsSync(store())).toBe(false)
  })

  it.each([
    [["--max-size", "much"], "--max-size: not a size: 'much' (500M, 20G, bytes, or none)"],
    [["--keep-within", "soon"], "--keep-within: not an age: 'soon'"],
    [["--keep-within", "8d", "--lifetime", "7d"], "--lifetime must not be shorter than --keep-within"],
    [["--timeout", "-1"], "--timeout must be at least 0, not -1"]
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await runHere(["gc", ...args], env)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe("a size", () => {
  it.each([
    ["0", 0],
    ["1000", 1000],
    ["1k", 1024],
    ["1.5MiB", 1.5 * 1024 ** 2],
    ["20G", 20 * 1024 ** 3],
    ["2TB", 2 * 1024 ** 4]
  ])("%s has %d bytes", (text, bytes) => {
    expect(bytesOfSize(text)).toBe(bytes)
  })

  it.each(["", "G", "-1", "1X", "1 G", "1e9"])("is not %j", (text) => {
    expect(bytesOfSize(text)).toBeUndefined()
  })

  it("is told in the largest unit that there is one of", () => {
    expect([0, 1, 1023, 1024, 1536 * 1024, 5 * 1024 ** 5].map(sizeText)).toEqual([
      "0 bytes",
      "1 byte",
      "1023 bytes",
      "1.0 KiB",
      "1.5 MiB",
      "5120.0 TiB"
    ])
  })
})
