import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Exit } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  accident,
  type Digest,
  digestOf,
  EngineFault,
  externalFiles,
  makeDigest,
  type OpenFile
} from "../../graph/index.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-external-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const text = "what lies outside the store"
const recorded = digestOf(Buffer.from(text))

const written = (name: string, content = text): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const filesAt = (path: string) => externalFiles(() => Effect.succeed([path]))

/** The words of the accident that this ends with. */
const accidentOf = async (effect: Effect.Effect<unknown>): Promise<string> => {
  const exit = await Effect.runPromiseExit(effect)
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  if (!(error instanceof EngineFault) || error.failure._tag !== "Accident") throw error
  return error.message
}
const read = (path: string, use: (file: OpenFile) => unknown = () => undefined, digest: Digest = recorded) =>
  filesAt(path).withFile(digest, use)

describe("an external file", () => {
  it("is read at any place, and known by path and size", async () => {
    const path = written("whole")
    const part = (file: OpenFile) => {
      const into = Buffer.alloc(3)
      file.read(into, 10)
      return { part: into.toString(), path: file.path, size: file.size }
    }
    expect(await Effect.runPromise(read(path, part))).toEqual({ part: "out", path, size: text.length })
  })

  it("is intact while its bytes are those of its digest", async () => {
    const path = written("changing")
    expect(await Effect.runPromise(filesAt(path).isIntact(recorded))).toBe(true)
    writeFileSync(path, text.replace("store", "STORE"))
    expect(await Effect.runPromise(filesAt(path).isIntact(recorded))).toBe(false)
  })

  it("that is missing is an accident, which names it once", async () => {
    const path = join(folder, "missing")
    expect(await accidentOf(read(path))).toBe(`${path} is missing`)
    expect(await accidentOf(filesAt(path).isIntact(recorded))).toBe(`${path} is missing`)
  })

  it("that has another size is an accident, before anything is read", async () => {
    const path = written("longer", `${text}.`)
    const never = () => expect.unreachable()
    expect(await accidentOf(read(path, never))).toBe(`${path} has 28 bytes where 27 were recorded`)
  })

  it("that becomes shorter while it is read is an accident", async () => {
    const path = written("shrinking")
    const shrink = (file: OpenFile) => {
      truncateSync(path, 5)
      file.read(new Uint8Array(file.size), 0)
    }
    expect(await accidentOf(read(path, shrink))).toBe(`${path} cannot be read: it is shorter than it was`)
  })

  it("that the system does not let us read is an accident in the system's words", async () => {
    const path = join(folder, "directory")
    mkdirSync(path)
    expect(await accidentOf(filesAt(path).isIntact(recorded))).toBe(
      `${path} cannot be read: illegal operation on a directory`
    )
    const locked = written("locked")
    chmodSync(locked, 0)
    if (process.getuid?.() === 0) return
    expect(await accidentOf(read(locked))).toBe(`${locked} cannot be read: permission denied`)
  })

  it("is worded by whoever knows the files", async () => {
    const files = externalFiles(
      () => Effect.succeed(["/nowhere"]),
      ({ _tag, path }) => `${path}: ${_tag}; ask the librarian`
    )
    expect(await accidentOf(files.withFile(recorded, () => 1))).toBe("/nowhere: Missing; ask the librarian")
  })

  it("that no source names is the accident of who looked for it", async () => {
    const files = externalFiles(([digest]) => accident(`who knows ${digest}?`))
    const unknown = makeDigest("0".repeat(64), 7)
    expect(await accidentOf(files.withFile(unknown, () => 1))).toBe(`who knows ${unknown}?`)
  })

  it("leaves what its user throws alone: that is no accident", async () => {
    const bug = new TypeError("a bug")
    const throwing = () => {
      throw bug
    }
    const exit = await Effect.runPromiseExit(read(written("fine"), throwing))
    expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toBe(bug)
  })
})
