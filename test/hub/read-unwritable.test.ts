import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Either } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { readUnwritable } from "../../src/hub/read-unwritable.ts"
import { fixture } from "../kit/fixtures.ts"

/** Who may not write: root may write everywhere, so then it is another user. */
const nobody = process.getuid?.() === 0 ? 65534 : undefined

let topdir = ""
let store = ""
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), "distgraph-store-"))
  if (nobody !== undefined) chownSync(store, nobody, nobody)
  topdir = mkdtempSync(join(tmpdir(), "distgraph-unwritable-"))
  chmodSync(topdir, 0o755)
})
afterEach(() => {
  chmodSync(topdir, 0o755)
  for (const folder of [topdir, store]) rmSync(folder, { recursive: true, force: true })
})

const inHub = <A, E>(effect: (hub: Hub["Type"]) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.flatMap(Hub, effect).pipe(Effect.provide(Hub.layer(topdir))))

/** Makes a hub with the tags a and b, and takes the right to write from everybody but root. */
const makeHub = async (): Promise<void> => {
  await inHub((hub) => Effect.zipRight(hub.addTag("a"), hub.addTag("b")))
  makeUnwritable()
}

const makeUnwritable = (): void => {
  for (const name of readdirSync(topdir)) chmodSync(join(topdir, name), 0o444)
  chmodSync(topdir, 0o555)
}

/** Runs the command line as a user who may not write. */
const run = async (...args: ReadonlyArray<string>) => {
  const main = join(import.meta.dirname, "../../src/cli/main.ts")
  const child = spawn(process.execPath, [main, "--topdir", topdir, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(nobody === undefined ? {} : { uid: nobody, gid: nobody })
  })
  const output = { stdout: "", stderr: "" }
  child.stdout.on("data", (data) => (output.stdout += data))
  child.stderr.on("data", (data) => (output.stderr += data))
  const [code] = await once(child, "close")
  return { code, ...output }
}

const user = nobody === undefined ? userInfo().username : "nobody"

describe("a user who may not write in the topdir", () => {
  it("reads it, and leaves nothing there", async () => {
    await makeHub()
    expect(await run("list-tags")).toEqual({ code: 0, stdout: "a\nb\n", stderr: "" })
    expect((await run("dist-repo", "a", "--arch", "x86_64", "0a1b2c3d", "--dry-run", "--store", store)).code).toBe(0)
    expect(readdirSync(topdir)).toEqual(["hub.db"])
  })

  it("is told so by every command that would change something", async () => {
    await makeHub()
    const refusal = `distgraph: error: The hub in ${topdir} cannot be changed: ${topdir} is not writable by ${user}\n`
    expect(await run("add-tag", "c")).toEqual({ code: 1, stdout: "", stderr: refusal })
    expect((await run("import", fixture("unsigned", "hello-1.0-1.src.rpm"))).stderr).toBe(refusal)
  })

  it("is told so where there is no hub yet, and where the hub is not for everybody's eyes", async () => {
    chmodSync(topdir, 0o555)
    expect((await run("add-tag", "c")).stderr).toContain(`${topdir} is not writable by ${user}`)
    chmodSync(topdir, 0o755)
    await makeHub()
    chmodSync(join(topdir, "hub.db"), 0o000)
    expect((await run("list-tags")).stderr).toContain(`cannot be used: ${topdir}/hub.db is not readable by ${user}`)
  })

  it("reads along while another process has the hub open and changes it", async () => {
    await makeHub()
    const database = new DatabaseSync(join(topdir, "hub.db"))
    try {
      // root, or the owner after this, still may
      for (const name of readdirSync(topdir)) chmodSync(join(topdir, name), 0o644)
      chmodSync(topdir, 0o755)
      database.exec("UPDATE tag SET name = 'renamed' WHERE name = 'b'")
      makeUnwritable()
      expect(existsSync(join(topdir, "hub.db-wal"))).toBe(true)
      expect(await run("list-tags")).toEqual({ code: 0, stdout: "a\nrenamed\n", stderr: "" })
    } finally {
      chmodSync(topdir, 0o755)
      database.close()
    }
  })
})

describe("a question to a hub that this user may not write in", () => {
  it("is asked again where the file changed under it, so that no answer mixes two moments", async () => {
    await inHub((hub) => hub.addTag("a"))
    let asked = 0
    const answer = await Effect.runPromise(
      readUnwritable(topdir)((tx) => {
        asked += 1
        const found = tx.get<{ readonly tags: number }>("SELECT count(*) AS tags FROM tag")
        if (asked === 1) writeElsewhere()
        return Either.right(found?.tags)
      })
    )
    expect([asked, answer]).toEqual([2, 2])
  })
})

/** Another process adds a tag and closes the hub, so that its log is moved into the file. */
const writeElsewhere = (): void => {
  const database = new DatabaseSync(join(topdir, "hub.db"))
  database.exec("INSERT INTO tag (name) VALUES ('b')")
  database.close()
}
