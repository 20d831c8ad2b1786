import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { Bytes, type Digest, type InputOf, makeDigest } from "../../graph/index.ts"
import { DeltaRpm } from "../../rules/delta-rpm.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixture } from "../kit/fixtures.ts"
import { noiseRpm } from "../kit/noise-rpm.ts"
import { describeWithTools } from "../kit/oracle.ts"

const folder = mkdtempSync(join(tmpdir(), "distgraph-delta-test-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const old = fixture("key-a", "hello-1.0-1.x86_64.rpm")
const now = fixture("key-a", "hello-1.1-1.x86_64.rpm")

const digestOfFile = (path: string): Digest => {
  const bytes = readFileSync(path)
  return makeDigest(createHash("sha256").update(bytes).digest("hex"), bytes.length)
}

const hello = (version: string, path: string) => ({
  name: "hello",
  epoch: null,
  version,
  release: "1",
  arch: "x86_64",
  file: digestOfFile(path)
})

const input: InputOf<typeof DeltaRpm> = {
  package: hello("1.1", now),
  from: hello("1.0", old),
  tool: "the one on PATH",
  maxInstalledSize: 100_000_000
}

/** An engine that finds these files, whatever became of them since their digests were taken. */
const kitFor = (
  files: ReadonlyArray<readonly [Digest, string]> = [
    [input.package.file, now],
    [input.from.file, old]
  ]
) => {
  const paths = new Map(files)
  return engineKit({ path: (digest) => paths.get(digest) })
}

describeWithTools(
  "makedeltarpm",
  "applydeltarpm",
  "rpm",
  "rpmbuild"
)("a delta rpm", () => {
  it("makes the newer package of the older one, byte for byte, and is worth its size", async () => {
    const kit = kitFor()
    const made = await kit.want(DeltaRpm, input)
    if (made._tag !== "Made") throw new Error(`not made: ${made.reason}`)
    const drpm = join(folder, "hello.drpm")
    writeFileSync(drpm, kit.read(Bytes, made.drpm))
    const rebuilt = join(folder, "rebuilt.rpm")
    execFileSync("applydeltarpm", ["-r", old, drpm, rebuilt])
    expect(readFileSync(rebuilt).equals(readFileSync(now))).toBe(true)
    const info = execFileSync("applydeltarpm", ["-i", drpm], { encoding: "utf8" })
    expect(info).toContain(`sequence: ${made.sequence}\n`)
    expect(info).toContain("deltarpm type: standard\n")
    expect(readFileSync(drpm).length).toBeLessThan(0.75 * readFileSync(now).length)
  })

  it("is the same bytes each time, and made once while nothing changes", async () => {
    const kit = kitFor()
    const made = await kit.want(DeltaRpm, input)
    expect(kit.ran()).toEqual(["delta-rpm hello-1.1-1.x86_64 from 1.0-1"])
    expect(await kit.want(DeltaRpm, input)).toEqual(made)
    expect(kit.ran()).toEqual([])
    expect(await kitFor().want(DeltaRpm, input)).toEqual(made)
    await kit.want(DeltaRpm, { ...input, tool: "another one" })
    expect((await kit.explain()).asked).toMatchObject([
      { field: "tool", before: '"the one on PATH"', after: '"another one"' }
    ])
  })

  it("is not made of a package whose installed size is the limit or more", async () => {
    const size = Number(execFileSync("rpm", ["-qp", "--nosignature", "--qf", "%{SIZE}", now], { encoding: "utf8" }))
    const reason = { _tag: "NotWorthwhile", reason: `it takes ${size} bytes when installed` }
    expect(await kitFor().want(DeltaRpm, { ...input, maxInstalledSize: size })).toEqual(reason)
    expect(await kitFor().want(DeltaRpm, { ...input, maxInstalledSize: size + 1 })).toMatchObject({ _tag: "Made" })
  })

  it("is not worthwhile where it saves less than a quarter", async () => {
    const [older, newer] = [noiseRpm(folder, "1", ["one"]), noiseRpm(folder, "2", ["two", "three"])]
    const noise = { ...hello("1", older), name: "noise", arch: "noarch" }
    const made = { ...hello("2", newer), name: "noise", arch: "noarch" }
    const kit = kitFor([
      [noise.file, older],
      [made.file, newer]
    ])
    expect(await kit.want(DeltaRpm, { ...input, from: noise, package: made })).toMatchObject({
      _tag: "NotWorthwhile",
      reason: expect.stringMatching(/^the delta has \d+ bytes where the package has \d+$/)
    })
  })

  it("leaves nothing in the temporary folder", async () => {
    const temporary = join(folder, "temporary")
    mkdirSync(temporary)
    vi.stubEnv("TMPDIR", temporary)
    await kitFor().want(DeltaRpm, input)
    vi.unstubAllEnvs()
    expect(readdirSync(temporary)).toEqual([])
  })
})

describeWithTools("makedeltarpm", "applydeltarpm")("what the tool refuses", () => {
  it("is an outcome, worded without paths that differ from run to run", async () => {
    const cut = join(folder, "cut.rpm")
    writeFileSync(cut, readFileSync(old).subarray(0, 1500))
    const from = hello("1.0", cut)
    const outcome = await kitFor([
      [input.package.file, now],
      [from.file, cut]
    ]).want(DeltaRpm, { ...input, from })
    expect(outcome).toMatchObject({
      _tag: "Impossible",
      reason: expect.stringMatching(/^makedeltarpm ends with exit code 1/)
    })
    expect(JSON.stringify(outcome)).not.toContain(folder)
  })

  it("is an accident where a file is no longer what was recorded", async () => {
    const changed = join(folder, "changed.rpm")
    const bytes = Buffer.from(readFileSync(old))
    writeFileSync(changed, bytes.fill(0, bytes.length - 40))
    const failed = await kitFor([
      [input.package.file, now],
      [input.from.file, changed]
    ]).failure(DeltaRpm, input)
    expect(failed.message).toContain(`${changed} is not the package that was recorded`)
  })
})

describe("a missing tool", () => {
  beforeAll(() => void vi.stubEnv("PATH", folder))
  afterAll(() => void vi.unstubAllEnvs())

  it("is an accident that says what to install", async () => {
    const failed = await kitFor().failure(DeltaRpm, input)
    expect(failed.message).toContain("makedeltarpm is not there; install the package deltarpm")
  })
})
