import { once } from "node:events"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Bundle, bundle } from "../../src/bundle/bundle.ts"
import { type CliResult, runCli, runNode } from "../cli/run-cli.ts"
import { repoContent } from "../export/published.ts"
import { repodataOf } from "../kit/createrepo-rig.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { fixture, fixtureKeys } from "../kit/fixtures.ts"
import { otlpCollector } from "../kit/otlp-collector.ts"

const root = join(import.meta.dirname, "../..")

let folder: string
let made: Bundle
let rig: ExportRig
beforeAll(async () => {
  // outside the checkout: no node_modules and no package.json is found from there
  folder = mkdtempSync(join(tmpdir(), "distgraph-bundle-"))
  writeFileSync(join(folder, "chunk-OLD.mjs"), "")
  made = await bundle(root, folder)
  rig = await exportRig()
})
afterAll(() => {
  rm(folder)
  rig.close()
})

const rm = (path: string): void => rmSync(path, { recursive: true, force: true })

const options = () => ({ cwd: "/", env: { DISTGRAPH_TOPDIR: rig.topdir, DISTGRAPH_STORE: join(rig.folder, "store") } })

const runBundle = (...args: ReadonlyArray<string>): Promise<CliResult> =>
  runNode([join(folder, "distgraph.mjs"), ...args], options())

const runSource = (...args: ReadonlyArray<string>): Promise<CliResult> => runCli(args, options())

describe("the bundled command line", () => {
  it.each([
    ["its version", 0, ["--version"]],
    ["its help", 0, ["--help"]],
    ["a command's help", 0, ["dist-repo", "--help"]],
    ["a list", 0, ["list-tagged", "demo", "--json"]],
    ["a failure", 1, ["taginfo", "nosuch"]],
    ["a failed export", 1, ["dist-repo", "demo", "deadbeef", "--json"]],
    ["a command it does not know", 2, ["no-such-command"]],
    ["a misuse that the command finds", 2, ["dist-repo", "nosuch", "deadbeef"]]
  ] as const)("says what the source says: %s, exit code %i", async (_, code, args) => {
    const [bundled, source] = await Promise.all([runBundle(...args), runSource(...args)])
    expect(bundled).toEqual(source)
    expect(bundled.code).toBe(code)
  })

  it("exports the same repository, from a store of its own", async () => {
    const args = ["dist-repo", "demo", fixtureKeys.a, "--force", "--json"]
    const bundled = await runBundle(...args, "--store", join(rig.folder, "of-bundle"))
    const source = await runSource(...args, "--store", join(rig.folder, "of-source"))
    expect({ code: bundled.code, stderr: bundled.stderr }).toEqual({ code: 0, stderr: source.stderr })
    const [made, expected] = [bundled, source].map(({ stdout }) => repoContent(JSON.parse(stdout).repo.path))
    expect(made).toEqual(expected)
    expect(Object.keys(made ?? {})).toContain("x86_64/repodata/repomd.xml")
  })

  it("makes the same metadata of a directory, in its own worker threads", async () => {
    const packages = join(rig.folder, "packages")
    mkdirSync(packages)
    // enough for more than one thread
    for (let index = 0; index < 80; index += 1) {
      cpSync(fixture("unsigned", "hello-1.0-1.x86_64.rpm"), join(packages, `${index}.rpm`), {
        preserveTimestamps: true
      })
    }
    const outputs = ["by-bundle", "by-source"].map((name) => join(rig.folder, name))
    for (const output of outputs) mkdirSync(output)
    const [byBundle = "", bySource = ""] = outputs
    const args = ["createrepo", packages, "--revision", "1", "--set-timestamp-to-revision", "-o"]
    const [bundled, source] = [
      await runBundle(...args, byBundle, "--store", join(rig.folder, "of-bundle")),
      await runSource(...args, bySource, "--store", join(rig.folder, "of-source"))
    ]
    expect([bundled.code, bundled.stderr]).toEqual([0, source.stderr])
    expect(repodataOf(byBundle)).toEqual(repodataOf(bySource))
    expect(repodataOf(byBundle).size).toBe(4)
  })

  it.each(["http/json", "http/protobuf"])("sends telemetry by %s", async (protocol) => {
    const collector = await otlpCollector()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
    const args = ["dist-repo", "demo", fixtureKeys.a]
    const { stderr } = await runNode([join(folder, "distgraph.mjs"), ...args], { env: { ...options().env, ...env } })
    expect(stderr).not.toContain("warning")
    expect(collector.requests.map(({ body }) => body.includes("dist-repo"))).toEqual([true])
    collector.close()
  })

  it("shows where in the source it failed, by names and, with source maps, by lines", async () => {
    const breaks = "data:text/javascript,process.stdout.write=()=>{throw new TypeError('broken for the test')}"
    const failing = ["--import", breaks, join(folder, "distgraph.mjs"), "--version"]
    expect((await runNode(failing)).stderr).toMatch(/broken for the test\n.*\bat distgraph \(/s)
    const mapped = await runNode(["--enable-source-maps", ...failing])
    expect(mapped.stderr).toMatch(/at distgraph \(.*src\/cli\/distgraph\.ts:\d+:\d+\)/)
  })
})

describe("the bundle", () => {
  it("keeps its compiled code in the user's cache directory", async () => {
    const cache = join(rig.folder, "cache")
    await runNode([join(folder, "distgraph.mjs"), "--version"], { env: { XDG_CACHE_HOME: cache } })
    const compiled = readdirSync(join(cache, "distgraph-code"), { recursive: true, withFileTypes: true })
    expect(compiled.filter((entry) => entry.isFile()).length).toBeGreaterThan(1)
  })

  it("has only its own files in its folder, the program executable, and the licences of what is in it", () => {
    expect(readdirSync(folder).sort()).toEqual(made.files)
    expect(statSync(join(folder, "distgraph.mjs")).mode & 0o111).toBe(0o111)
    const licences = readFileSync(join(folder, "LICENSES.txt"), "utf8")
    expect(licences).toMatch(/^effect \d+\.\d+\.\d+\n\nMIT License\n/m)
    expect(licences).toMatch(/^commander \d+\.\d+\.\d+\n/m)
  })

  it("has the worker threads' entry, which is ready to compute once it has started", async () => {
    const store = join(rig.folder, "of-worker")
    await runBundle("dist-repo", "demo", fixtureKeys.a, "--force", "--store", store)
    const home = join(store, readdirSync(store).find((name) => existsSync(join(store, name, "store.db"))) ?? "")
    const worker = new Worker(join(folder, "action-worker.mjs"), { workerData: { home } })
    const [message] = await once(worker, "message")
    expect(message).toEqual({ _tag: "Ready" })
    await worker.terminate()
  })

  it("has the entry of the threads that place packages, which load nothing to speak of", async () => {
    const worker = new Worker(join(folder, "place-worker.mjs"))
    expect(await once(worker, "message")).toEqual(["ready"])
    await worker.terminate()
    expect(loadedFor("src/publish/place-worker.ts").toSorted()).toEqual([
      "src/publish/place-packages.ts",
      "src/publish/place-worker.ts"
    ])
  })

  it("loads for a command only what it needs", () => {
    expect(loadedFor("src/cli/frame/command-line.ts").filter((path) => path.includes("node_modules/effect/"))).toEqual(
      []
    )
    const list = loadedFor("src/cli/tags/list-tags.ts")
    expect(list).toContain("src/hub/open-hub.ts")
    const distRepo = loadedFor("src/cli/export/dist-repo.ts")
    expect(distRepo).toContain("rules/dist-repo.ts")
    expect(distRepo.filter((path) => path.includes("opentelemetry"))).toEqual([])
    expect(list.filter((path) => /^(rules|graph|src\/export|node_modules\/fast-check)\//.test(path))).toEqual([])
  })
})

/** The sources that are loaded with a source file: of its output file and of all that this imports at once. */
const loadedFor = (source: string): ReadonlyArray<string> => {
  const { outputs } = made.metafile
  const start = Object.keys(outputs).find((path) => source in (outputs[path]?.inputs ?? {}))
  const loaded = new Set<string>()
  const load = (path: string): void => {
    if (loaded.has(path)) return
    loaded.add(path)
    for (const imported of outputs[path]?.imports ?? []) {
      if (imported.kind === "import-statement" && imported.external !== true) load(imported.path)
    }
  }
  load(start ?? "nowhere")
  return [...loaded].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}))
}
