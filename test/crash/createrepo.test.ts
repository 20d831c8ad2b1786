import { createHash } from "node:crypto"
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { gunzipSync } from "node:zlib"
import { Either } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { nameInRepodata } from "../../src/export/repomd-of.ts"
import { readPrestodelta } from "../../src/repodata/read-prestodelta.ts"
import { readRepomd } from "../../src/repodata/read-repomd.ts"
import { createrepoRig } from "../kit/createrepo-rig.ts"
import { seeded } from "../kit/engine-scheduler.ts"
import { fixture } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"
import { documentOf } from "../kit/package-elements.ts"
import { distgraph, distgraphDone } from "./cli.ts"

let rig: ReturnType<typeof createrepoRig>
beforeEach(() => {
  rig = createrepoRig()
  rig.place("hello.rpm", "hello-1.0-1.x86_64.rpm")
  rig.place("sub/demo.rpm", "demo-release-42-1.noarch.rpm")
})
afterEach(() => rig.close())

const seed = Number(process.env["DISTGRAPH_SEED"] ?? Math.trunc(Math.random() * 2 ** 31))

const place = () => ({ topdir: rig.folder, store: join(rig.folder, "store") })
const command = () => ["createrepo", rig.directory, "--compatibility", "--no-skip-stat"]

/** The packages that the repository lists; fails where repomd.xml names a file that is not there whole. */
const wholeRepository = (): ReadonlyArray<string | undefined> => {
  const folder = join(rig.directory, "repodata")
  const { records } = Either.getOrThrow(readRepomd(readFileSync(join(folder, "repomd.xml"))))
  const documents = records.map((record) => {
    const name = nameInRepodata(record) ?? ""
    const bytes = readFileSync(join(folder, name))
    expect([name, createHash("sha256").update(bytes).digest("hex")]).toEqual([name, record.checksum.value])
    return name
  })
  const [primary = ""] = documents.filter((name) => name.includes("primary"))
  const document = gunzipSync(readFileSync(join(folder, primary))).toString()
  return [...document.matchAll(/<location href="([^"]*)"/g)].map(([, href]) => href)
}

/** What of `repodata` repomd.xml does not list. */
const unlisted = (): ReadonlyArray<string> => {
  const { records } = Either.getOrThrow(readRepomd(readFileSync(join(rig.directory, "repodata/repomd.xml"))))
  const listed = new Set(["repomd.xml", ...records.map((record) => nameInRepodata(record))])
  return readdirSync(join(rig.directory, "repodata")).filter((name) => !listed.has(name))
}

const before = ["sub/demo.rpm", "hello.rpm"]
const after = [...before, "weather.rpm"]

describe("createrepo, killed before each single change that it makes to the directory", () => {
  it("leaves the old repository or the new one whole, and the next that writes clears up", async () => {
    const preload = join(import.meta.dirname, "kill-at-step.ts")
    const stepsFile = join(rig.folder, "steps")
    const published = async () => {
      rmSync(join(rig.directory, "weather.rpm"), { force: true })
      await rig.make({ trust: "content", retention: { kind: "newest", count: 0 } })
      expectNoTraces()
      writeFileSync(join(rig.directory, "repodata/foreign"), "")
      rig.place("weather.rpm", "weather-2.0~rc1-1.x86_64.rpm")
      expect(wholeRepository()).toEqual(before)
    }
    await published()
    const counted = distgraph(place(), command(), { preload, env: { STEPS_FILE: stepsFile } })
    expect((await counted.finished).code).toBe(0)
    expect(wholeRepository()).toEqual(after)
    const steps = readFileSync(stepsFile, "utf8").trimEnd().split("\n")
    expect(steps.length).toBeGreaterThan(20)
    expect(steps).toContain("renameSync .repodata/repomd.xml")

    const found = new Set<string>()
    for (const [index, step] of steps.entries()) {
      await published()
      const run = distgraph(place(), command(), { preload, env: { KILL_AT_STEP: String(index + 1) } })
      expect((await run.finished).signal, step).toBe("SIGKILL")
      const listed = wholeRepository()
      expect([before, after], step).toContainEqual(listed)
      found.add(listed.length === before.length ? "old" : "new")
      await distgraphDone(place(), command())
      expect(wholeRepository()).toEqual(after)
      expect(unlisted()).toEqual(["foreign"])
      expectNoTraces()
    }
    expect([...found].sort()).toEqual(["new", "old"])
  })
})

describeWithTools("makedeltarpm", "applydeltarpm")(
  "createrepo --deltas, killed before each single change that it makes to the directory",
  () => {
    const older = () => join(rig.folder, "older")
    const withDeltas = () => [...command(), "--deltas", "--oldpackagedirs", older()]

    /** The delta rpms that the repository lists; fails where one is not there whole. */
    const wholeDeltas = (): ReadonlyArray<string> => {
      wholeRepository()
      const { records } = Either.getOrThrow(readRepomd(readFileSync(join(rig.directory, "repodata/repomd.xml"))))
      const record = records.find(({ type }) => type === "prestodelta")
      if (record === undefined) return []
      const listed = Either.getOrThrow(readPrestodelta(gunzipSync(readFileSync(join(rig.directory, record.href)))))
      for (const { name, sha256 } of listed) {
        const bytes = readFileSync(join(rig.directory, "drpms", name))
        expect([name, createHash("sha256").update(bytes).digest("hex")]).toEqual([name, sha256])
      }
      return listed.map(({ name }) => name)
    }
    const inDrpms = () =>
      existsSync(join(rig.directory, "drpms")) ? readdirSync(join(rig.directory, "drpms")).sort() : []

    const offer = (arch: string): void => {
      rmSync(join(rig.directory, "hello.rpm"), { force: true })
      rig.place("hello.rpm", `hello-1.1-1.${arch}.rpm`)
    }
    const [before, after] = ["aarch64", "x86_64"].map((arch) => [`hello-1.0-1_1.1-1.${arch}.drpm`])

    it("leaves those that are listed whole, and the next run no others", async () => {
      const preload = join(import.meta.dirname, "kill-at-step.ts")
      const stepsFile = join(rig.folder, "steps")
      mkdirSync(older())
      for (const arch of ["aarch64", "x86_64"]) {
        const name = `hello-1.0-1.${arch}.rpm`
        copyFileSync(fixture("unsigned", name), join(older(), name))
      }
      const published = async () => {
        offer("aarch64")
        const deltas = { older: [older()], perRepository: 1, maxInstalledSize: 100_000_000, compression: "gz" } as const
        await rig.make({ trust: "content", retention: { kind: "newest", count: 0 }, deltas })
        expect([wholeDeltas(), inDrpms()]).toEqual([before, before])
        // a list of deltas outlasts its repository, and would not be written again within the second of its time
        for (const name of unlisted().filter((name) => name.includes("prestodelta"))) {
          rmSync(join(rig.directory, "repodata", name))
        }
        offer("x86_64")
      }
      await published()
      const counted = distgraph(place(), withDeltas(), { preload, env: { STEPS_FILE: stepsFile } })
      expect((await counted.finished).code).toBe(0)
      expect([wholeDeltas(), inDrpms()]).toEqual([after, after])
      const steps = readFileSync(stepsFile, "utf8").trimEnd().split("\n")
      expect(steps.filter((step) => step.startsWith("renameSync .repodata/drpms/"))).toHaveLength(1)
      // those before are the same without deltas
      const first = steps.findIndex((step) => step.includes("drpms"))
      const found = new Set<string>()
      for (const [index, step] of [...steps.entries()].slice(first)) {
        await published()
        const run = distgraph(place(), withDeltas(), { preload, env: { KILL_AT_STEP: String(index + 1) } })
        expect((await run.finished).signal, step).toBe("SIGKILL")
        const now = wholeDeltas()
        expect([before, after], step).toContainEqual(now)
        found.add(now.join())
        await distgraphDone(place(), withDeltas())
        expect([wholeDeltas(), inDrpms()], step).toEqual([after, after])
        expectNoTraces()
      }
      expect([...found].sort()).toEqual([before?.join(), after?.join()])
    })
  }
)

/** Files that a killed run put into place or did not come to remove may stay; a lock or a half-written file may not. */
const expectNoTraces = (): void => {
  expect(readdirSync(rig.directory).filter((name) => name.startsWith(".repodata"))).toEqual([])
  for (const name of readdirSync(join(rig.directory, "repodata"))) {
    const [, checksum] = /^([0-9a-f]{64})-/.exec(name) ?? []
    if (checksum === undefined) continue
    const bytes = readFileSync(join(rig.directory, "repodata", name))
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(checksum)
  }
}

describe(`createrepo, killed at random moments (DISTGRAPH_SEED=${seed})`, () => {
  it("leaves a whole repository, 15 times", async () => {
    const random = seeded(seed)
    const since = performance.now()
    await distgraphDone(place(), command())
    const lasts = performance.now() - since
    for (let kill = 0; kill < 15; kill += 1) {
      if (kill % 2 === 0) rig.place("weather.rpm", "weather-2.0~rc1-1.x86_64.rpm")
      else rmSync(join(rig.directory, "weather.rpm"))
      const run = distgraph(place(), command())
      await sleep(random() * lasts)
      run.process.kill("SIGKILL")
      await run.finished
      expect([before, after]).toContainEqual(wholeRepository())
    }
    rig.place("weather.rpm", "weather-2.0~rc1-1.x86_64.rpm")
    await distgraphDone(place(), command())
    expect(wholeRepository()).toEqual(after)
    expectNoTraces()
  })
})

describe("several createrepo at once in one directory", () => {
  it("with different wishes wait for each other, and leave one whole repository", async () => {
    await distgraphDone(place(), command())
    writeFileSync(join(rig.directory, "repodata/foreign"), "")
    for (let round = 0; round < 3; round += 1) {
      rig.place("weather.rpm", "weather-2.0~rc1-1.x86_64.rpm", round % 2 === 0 ? "key-a" : "unsigned")
      const runs = ["0", "1", "2", "3"].map((limit) =>
        // each with a store of its own: the directory is all that they share
        distgraphDone({ topdir: rig.folder, store: join(rig.folder, `store-${limit}`) }, [
          ...command(),
          "--changelog-limit",
          limit
        ])
      )
      await Promise.all(runs)
      expect(wholeRepository()).toEqual(after)
      expectNoTraces()
      expect(unlisted()).toEqual(["foreign"])
    }
    expect(documentOf(rig.directory, "primary")).toContain('packages="3"')
  })
})
