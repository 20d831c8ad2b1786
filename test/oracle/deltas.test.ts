import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { copyFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { basename, join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { metadataOf } from "../export/published.ts"
import { dnfIn, runTool } from "../kit/clients.ts"
import { createrepoCs } from "../kit/createrepo-c.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
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

/** The entries of a prestodelta.xml by their packages, but for what depends on the bytes of a delta. */
const entriesOf = (prestodelta: string): ReadonlyArray<string> =>
  (prestodelta.match(/<newpackage.*?<\/newpackage>/gs) ?? [])
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
