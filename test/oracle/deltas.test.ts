import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync
} from "node:fs"
import { copyFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { runHere } from "../cli/run-cli.ts"
import { metadataOf } from "../export/published.ts"
import { dnfIn, runTool } from "../kit/clients.ts"
import { createrepoCs } from "../kit/createrepo-c.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { noiseRpm } from "../kit/noise-rpm.ts"
import { describeWithTools } from "../kit/oracle.ts"

/** Two repos of a tag: the second has an update of a package, and deltas from the first. */
let rig: ExportRig
let before: string
let after: string

const prepare = async () => {
  rig = await exportRig()
  before = (await rig.publish()).repo.path
  await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
  after = (await rig.publish({ deltaRpms: ["demo"] })).repo.path
}

/** The deltas of a prestodelta.xml, each with its package, but for what depends on its bytes: createrepo_c writes them in no order. */
const entriesOf = (prestodelta: string): ReadonlyArray<string> =>
  [...prestodelta.matchAll(/(<newpackage [^>]*>)(.*?)<\/newpackage>/gs)]
    .flatMap(([, package_ = "", deltas = ""]) =>
      (deltas.match(/<delta .*?<\/delta>/gs) ?? []).map((delta) => `${package_}\n${delta}`)
    )
    .map((entry) => entry.replace(/<size>\d+</, "<size>…<").replace(/>[0-9a-f]{64}</, ">…<"))
    .sort()

const packagesIn = (repo: string): ReadonlyArray<string> =>
  readdirSync(join(repo, "Packages"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".rpm"))
    .map((path) => join(repo, "Packages", path))

describeWithTools("makedeltarpm", "applydeltarpm")("the delta rpms of a repo", () => {
  beforeAll(prepare)
  afterAll(() => rig.close())

  it.each(createrepoCs())(
    "are those that createrepo_c $version makes of the same packages",
    async ({ path, version }) => {
      for (const arch of ["x86_64", "aarch64"]) {
        const [old, now] = ["old", "now"].map((name) => join(rig.folder, version, arch, name))
        for (const [from, to] of [
          [before, old],
          [after, now]
        ]) {
          mkdirSync(to ?? "", { recursive: true })
          for (const file of packagesIn(join(from ?? "", arch))) await copyFile(file, join(to ?? "", basename(file)))
        }
        await runTool(path, ["--quiet", "--deltas", "--oldpackagedirs", old ?? "", now ?? ""])
        const [ours, theirs] = [metadataOf(after, arch, "prestodelta"), metadataOf(now ?? "", "", "prestodelta")]
        expect(entriesOf(theirs)).toHaveLength(1)
        expect(entriesOf(ours)).toEqual(entriesOf(theirs))
      }
    }
  )
})

describeWithTools(
  "makedeltarpm",
  "applydeltarpm",
  "dnf",
  "rpm"
)("dnf, over HTTP", () => {
  beforeAll(prepare)
  afterAll(() => rig.close())

  it("fetches the delta of a package whose older edition is installed, as prestodelta.xml says", async () => {
    const fetched: Array<string> = []
    const server = createServer(({ url = "" }, response) => {
      const path = join(after, "x86_64", decodeURIComponent(url))
      const found = existsSync(path) && statSync(path).isFile()
      if (found) fetched.push(url)
      response.writeHead(found ? 200 : 404, found ? { "content-length": statSync(path).size } : {})
      if (found) createReadStream(path).pipe(response)
      else response.end()
    })
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
    // a server that listens on a port has an address with one
    const { port } = server.address() as AddressInfo
    const folder = mkdtempSync(join(rig.folder, "dnf-"))
    const dnf = dnfIn(folder)
    const machine = { arch: "x86_64", platform: "platform:f42" }
    await dnf.run({ ...machine, path: join(before, "x86_64") }, ["install", "hello"])
    expect(await dnf.installed()).toContain("hello-1.0-1.x86_64.rpm")
    const served = [`--repofrompath=served,http://127.0.0.1:${port}/`, "--repo=served", "--setopt=served.deltarpm=1"]
    const world = [`--config=${join(folder, "dnf.conf")}`, `--installroot=${join(folder, "root")}`, "--releasever=42"]
    const settings = ["--forcearch=x86_64", "--setopt=module_platform_id=platform:f42", "--setopt=gpgcheck=0"]
    // dnf puts the package together from files of this machine, which are none of the package's, and then fetches it whole
    const upgrading = ["--quiet", "--assumeyes", "--setopt=deltarpm=1", ...world, ...settings, ...served, "upgrade"]
    await runTool("dnf", upgrading, { env: { HOME: folder } })
    expect(await dnf.installed()).toContain("hello-1.1-1.x86_64.rpm")
    server.close()
    rmSync(folder, { recursive: true })
    expect(fetched.filter((url) => url.endsWith(".drpm"))).toEqual(["/drpms/hello-1.0-1_1.1-1.x86_64.drpm"])
  })
})

describeWithTools(
  "makedeltarpm",
  "applydeltarpm",
  "rpmbuild"
)("the delta rpms of a plain directory", () => {
  let folder: string
  let packages: string
  const older = () => ["older", "much-older"].map((name) => join(folder, name))

  /** Two packages, the name of one being the beginning of the other's, with several older editions in two folders. */
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "distgraph-deltas-"))
    packages = join(folder, "packages")
    const words = Array.from({ length: 6 }, (_, at) => `word-${at}`)
    const editions = ["1", "2", "3", "4"].flatMap((version) =>
      ["noise", "noise-more"].map((name) => {
        return { version, file: noiseRpm(folder, version, [...words, `${name}-${version}`], name) }
      })
    )
    const places = { 1: older()[1], 2: older()[0], 3: older()[0], 4: packages } as const
    for (const path of [packages, ...older()]) mkdirSync(path)
    for (const { file, version } of editions) {
      const into = Object.entries(places).find(([of]) => of === version)?.[1] ?? ""
      await copyFile(file, join(into, basename(file)))
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(createrepoCs().flatMap((tool) => [1, 2].map((count) => ({ ...tool, count }))))(
    "are those that createrepo_c $version makes from $count of each folder, and make the packages they are said to",
    async ({ count, path, version }) => {
      const options = ["--deltas", "--num-deltas", `${count}`, ...older().flatMap((dir) => ["--oldpackagedirs", dir])]
      const [ours, theirs] = ["ours", "theirs"].map((name) => join(folder, `${name}-${version}-${count}`))
      for (const output of [ours ?? "", theirs ?? ""]) mkdirSync(output)
      await runTool(path, ["--quiet", ...options, "--outputdir", theirs ?? "", packages])
      const env = { DISTGRAPH_STORE: join(folder, "store") }
      const made = await runHere(["createrepo", packages, "-q", ...options, "--outputdir", ours ?? ""], env)
      expect([made.code, made.stderr]).toEqual([0, ""])
      const expected = entriesOf(metadataOf(theirs ?? "", "", "prestodelta"))
      expect(expected).toHaveLength(2 * (count + 1))
      expect(entriesOf(metadataOf(ours ?? "", "", "prestodelta"))).toEqual(expected)
      const drpms = readdirSync(join(ours ?? "", "drpms")).sort()
      expect(drpms).toEqual(readdirSync(join(theirs ?? "", "drpms")).sort())
      for (const drpm of drpms) {
        const [, name = "", from = ""] = /^(.*)-([123])-1_4-1\.noarch\.drpm$/.exec(drpm) ?? []
        const old =
          older()
            .map((dir) => join(dir, `${name}-${from}-1.noarch.rpm`))
            .find(existsSync) ?? ""
        const rebuilt = join(folder, "rebuilt.rpm")
        await runTool("applydeltarpm", ["-r", old, join(ours ?? "", "drpms", drpm), rebuilt])
        const whole = readFileSync(join(packages, `${name}-4-1.noarch.rpm`))
        expect(readFileSync(rebuilt).equals(whole)).toBe(true)
      }
    }
  )

  it.each(createrepoCs())("are those of createrepo_c $version at every limit of sizes", async ({ path, version }) => {
    const [old = ""] = older()
    const name = "noise-4-1.noarch.rpm"
    const { stdout } = await runTool("rpm", ["-qp", "--qf", "%{SIZE}", join(packages, name)])
    const file = statSync(join(old, "noise-3-1.noarch.rpm")).size
    const options = ["--deltas", "--oldpackagedirs", old, "--includepkg", name]
    const made: Array<boolean> = []
    // of the package when it is installed, and of the older package's file
    for (const size of [Number(stdout), Number(stdout) + 1, file - 1, file]) {
      const [ours = "", theirs = ""] = ["ours", "theirs"].map((of) => join(folder, `${of}-${version}-at-${size}`))
      for (const output of [ours, theirs]) mkdirSync(output)
      const limited = [...options, "--max-delta-rpm-size", `${size}`]
      await runTool(path, ["--quiet", ...limited, "--outputdir", theirs, packages])
      const env = { DISTGRAPH_STORE: join(folder, "store") }
      const { code } = await runHere(["createrepo", packages, "-q", ...limited, "--outputdir", ours], env)
      expect(code).toBe(0)
      expect(entriesOf(metadataOf(ours, "", "prestodelta"))).toEqual(entriesOf(metadataOf(theirs, "", "prestodelta")))
      made.push(existsSync(join(ours, "drpms")))
    }
    expect(new Set(made)).toEqual(new Set([false, true]))
  })
})
