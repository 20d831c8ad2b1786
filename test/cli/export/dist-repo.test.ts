import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { RepoStory } from "../../../src/export/story.ts"
import { type ExportRig, exportRig } from "../../kit/export-rig.ts"
import { fixtureKeys } from "../../kit/fixtures.ts"
import { runHere } from "../run-cli.ts"

let rig: ExportRig
beforeAll(async () => {
  rig = await exportRig()
})
afterAll(() => rig.close())

const distgraph = (...args: ReadonlyArray<string>) =>
  runHere(args, { HOME: rig.folder, DISTGRAPH_TOPDIR: rig.topdir, DISTGRAPH_STORE: rig.store })

const key = fixtureKeys.a

/** How many blobs, results and runs the store has. */
const stored = () => {
  const database = new DatabaseSync(join(rig.store, "v4/store.db"), { readOnly: true })
  try {
    return ["blob", "node", "run"].map((table) => database.prepare(`SELECT count(*) AS rows FROM ${table}`).get())
  } finally {
    database.close()
  }
}

describe("distgraph dist-repo", () => {
  it("publishes, says where on stdout, and tells the work on stderr", async () => {
    const { code, stderr, stdout } = await distgraph("dist-repo", "demo", key)
    expect(code).toBe(0)
    expect(stdout).toBe(`repo 1: ${rig.tagDir()}/1\n`)
    expect(stderr).toBe("Creating dist repo for tag demo\n")
    expect(readdirSync(join(rig.tagDir(), "1")).sort()).toEqual(["aarch64", "repo.json", "x86_64"])
  })

  it("makes nothing where nothing changed, and succeeds", async () => {
    const { code, stderr, stdout } = await distgraph("dist-repo", "demo", key)
    expect(code).toBe(0)
    expect(stdout).toBe(`demo is unchanged since repo 1 (${rig.tagDir()}/1); --force makes a new one\n`)
    expect(stderr).toBe("")
  })

  it("makes a new repo all the same with --force", async () => {
    const { stdout } = await distgraph("dist-repo", "demo", key, "--force", "--json")
    expect(JSON.parse(stdout)).toMatchObject({ status: "published", repo: { id: 2 } })
  })

  it("tells what would run with --dry-run, and leaves no trace", async () => {
    await rig.hub((hub) => hub.tagBuild("demo", ["hello-1.1-1"]))
    const before = stored()
    const { code, stdout } = await distgraph("dist-repo", "demo", key, "--dry-run", "--explain")
    expect(code).toBe(0)
    expect(stdout).toMatch(/^demo: dry run, nothing is published/)
    expect(stdout).toMatch(/package-metadata hello-1\.1-1\.aarch64 +would run/)
    expect(stdout).toMatch(/dist-repo +waits for package-metadata hello-1\.1-1\.aarch64/)
    expect(stdout).toMatch(/signed-lookup-chunk ×1 +hit/)
    expect(await rig.repoStates()).toEqual(["1 READY", "2 READY"])
    expect(stored()).toEqual(before)
    const again = await distgraph("dist-repo", "demo", key, "--dry-run", "--json")
    expect(JSON.parse(again.stdout)).toMatchObject({ status: "dry-run", unchanged: null })
  })

  it("explains as text and as data of the documented schema", async () => {
    const { stdout } = await distgraph("dist-repo", "demo", key, "--explain")
    expect(stdout).toMatch(/^repo 3: /)
    expect(stdout).toMatch(
      /what changed in the tag\n {2}hello-1\.0-1 → hello-1\.1-1 \(3 rpms\) {2}\(event \d+: tagged into demo\)\n/
    )
    expect(stdout).toMatch(/package-metadata +1 ran in [^,]+, 6 reused +hello-1\.1-1\.aarch64: never built before/)
    await rig.hub((hub) => hub.untagBuild("demo", ["hello-1.1-1"]))
    const { story } = JSON.parse((await distgraph("dist-repo", "demo", key, "--explain", "--json")).stdout)
    const decoded = Schema.decodeUnknownSync(RepoStory)(story)
    expect(decoded.content).toMatchObject([
      { kind: "replaced", before: "hello-1.1-1", after: "hello-1.0-1", detail: "3 rpms" }
    ])
    expect(decoded.graph.ran.map(({ rule }) => rule)).not.toContain("package-metadata")
  })

  it("names every rpm that is not signed, in one message, before any work, and publishes nothing", async () => {
    const before = readdirSync(rig.tagDir()).sort()
    const { code, stderr, stdout } = await distgraph("dist-repo", "demo", "deadbeef", "--explain")
    expect(code).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toContain("rpms are not signed with deadbeef")
    for (const nvra of ["hello-1.0-1.aarch64", "hello-1.0-1.x86_64", "demo-release-42-1.noarch"]) {
      expect(stderr).toMatch(new RegExp(`\n  ${nvra.replaceAll(".", "\\.")}: unsigned, `))
    }
    expect(readdirSync(rig.tagDir()).sort()).toEqual(before)
  })

  it("warns of what was left out or taken unsigned", async () => {
    const { code, stderr } = await distgraph("dist-repo", "demo", fixtureKeys.b, "--skip-missing-signatures")
    expect(code).toBe(0)
    expect(stderr).toMatch(/warning: \d+ rpms are not signed with fafdf4f9 and were left out:\n/)
  })

  it("compresses as the profile's clients read it", async () => {
    const names = async (...args: ReadonlyArray<string>) => {
      const { stdout } = await distgraph("dist-repo", "demo", key, "--json", ...args)
      return readdirSync(join(JSON.parse(stdout).repo.path, "x86_64/repodata")).map((name) => name.split(".").at(-1))
    }
    expect(await names("--profile", "fedora")).toContain("zst")
    expect(await names("--profile", "el9")).not.toContain("zst")
    expect((await distgraph("dist-repo", "demo", key, "--profile", "el7", "--compress", "zstd")).code).toBe(2)
  })

  it("leaves out the checksums of uncompressed metadata, and nothing else, with --no-open-checksum", async () => {
    const repomd = async (...args: ReadonlyArray<string>) => {
      const { stdout } = await distgraph("dist-repo", "demo", key, "--json", ...args)
      return readFileSync(join(JSON.parse(stdout).repo.path, "x86_64/repodata/repomd.xml"), "utf8")
    }
    const without = await repomd("--no-open-checksum")
    const with_ = await repomd("--open-checksum")
    expect(with_.match(/<open-checksum /g)).toHaveLength(3)
    expect(without).toBe(with_.replaceAll(/ *<open-checksum [^\n]*\n/g, ""))
    expect(await repomd("--force")).toBe(with_)
    expect((await distgraph("dist-repo", "demo", key, "--open-checksum", "--no-open-checksum")).code).toBe(2)
  })

  it("makes databases of the metadata where asked, and is another repo then", async () => {
    const repomd = async (...args: ReadonlyArray<string>) => {
      const { stdout } = await distgraph("dist-repo", "demo", key, "--json", ...args)
      return readFileSync(join(JSON.parse(stdout).repo.path, "x86_64/repodata/repomd.xml"), "utf8")
    }
    const types = (text: string) => [...text.matchAll(/<data type="(\w+)">/g)].map(([, type]) => type)
    expect(types(await repomd("--database"))).toEqual([
      "primary",
      "filelists",
      "other",
      "primary_db",
      "filelists_db",
      "other_db"
    ])
    expect(types(await repomd())).toEqual(["primary", "filelists", "other"])
  })

  it("shares directories of packages between repos with --layout shared, and says where one had to be mended", async () => {
    const export_ = () => distgraph("dist-repo", "demo", key, "--layout", "shared", "--force", "--json")
    const { stderr, stdout } = await export_()
    expect(stderr).toBe("Creating dist repo for tag demo\n")
    const letter = join(JSON.parse(stdout).repo.path, "x86_64/Packages/h")
    expect(lstatSync(letter).isSymbolicLink()).toBe(true)
    rmSync(join(letter, "hello-1.0-1.x86_64.rpm"))
    expect((await export_()).stderr).toContain(
      `warning: packages had gone from ${realpathSync(letter)}, or were cut, in all repos that share it; they are linked anew`
    )
    expect(readdirSync(letter)).toEqual(["hello-1.0-1.x86_64.rpm"])
    expect((await export_()).stderr).not.toContain("warning")
  })

  it("is misused without a tag, without keys, with both modes, with an unknown tag, arch or empty key: exit 2", async () => {
    const misuse = async (reason: string, ...args: ReadonlyArray<string>) => {
      const { code, stderr } = await distgraph("dist-repo", ...args)
      expect(stderr).toContain(`distgraph: error: ${reason}`)
      expect(code).toBe(2)
    }
    await misuse("You must provide a tag to generate the repo from")
    await misuse("Please specify one or more GPG key IDs (or --allow-missing-signatures)", "demo")
    await misuse("Please specify one or more GPG key IDs", "demo", "--skip-missing-signatures")
    await misuse("A GPG key ID must not be empty", "demo", "")
    await misuse("could not find /nowhere/comps.xml", "demo", key, "--comps", "/nowhere/comps.xml")
    await misuse("Can't find repo for tag: nosuch", "demo", key, "--delta-rpms", "nosuch")
    await misuse("No such tag: nosuch", "nosuch", key)
    await misuse("Unknown arch: nonesuch", "demo", key, "--arch", "nonesuch")
    await misuse("No arches left.", "demo", key, "--arch", "noarch")
    const { stderr } = await distgraph("dist-repo", "demo", key, "--arch", "noarch")
    expect(stderr).toMatch(/^distgraph: warning: noarch is not in the list of tag arches\n/)
    await misuse(
      "allow_missing_signatures and skip_missing_signatures are mutually exclusive",
      "demo",
      key,
      "--allow-missing-signatures",
      "--skip-missing-signatures"
    )
  })

  it("fails where the tag did not exist at the event, and where there is no such event", async () => {
    expect(await distgraph("dist-repo", "demo", key, "--event", "1")).toMatchObject({
      code: 1,
      stderr: "distgraph: error: No such tagInfo: 'demo' at event 1\n"
    })
    expect(await distgraph("dist-repo", "demo", key, "--event", "99999")).toMatchObject({
      code: 1,
      stderr: "distgraph: error: No such event: 99999\n"
    })
  })

  it("does not make a hub where there is none", async () => {
    const { code, stderr } = await distgraph("dist-repo", "demo", key, "--topdir", join(rig.folder, "elsewhere"))
    expect(code).toBe(1)
    expect(stderr).toContain("There is no hub in")
    expect(existsSync(join(rig.folder, "elsewhere"))).toBe(false)
  })

  it("takes zchunk dictionaries by their content, and warns of those that are missing", async () => {
    const dictionaries = mkdtempSync(join(rig.folder, "dictionaries-"))
    const write = (text: string) => writeFileSync(join(dictionaries, "primary.xml.zdict"), text)
    const run = () => distgraph("dist-repo", "zchunk", key, "--zck", "--zck-dict-dir", dictionaries, "-q")
    await rig.hub((hub) =>
      Effect.gen(function* () {
        yield* hub.addTag("zchunk", { arches: "x86_64" })
        yield* hub.addPackages("zchunk", ["minish"])
        yield* hub.tagBuild("zchunk", ["minish-5-2"])
      })
    )
    write("<package type=")
    const { code, stderr, stdout } = await run()
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^repo \d+: /)])
    expect(stderr).toContain("distgraph: warning: ")
    expect(stderr).toContain("filelists.xml.zdict is missing: filelists.xml.zck is made without a dictionary\n")
    expect((await run()).stdout).toContain("is unchanged since repo")
    write('<package type="rpm">')
    expect((await run()).stdout).toMatch(/^repo \d+: /)
    const { zck, zck_dict_dir } = JSON.parse(
      readFileSync(join(rig.tagDir("zchunk"), "latest", "repo.json"), "utf8")
    ).task_opts
    expect({ zck, zck_dict_dir }).toEqual({ zck: true, zck_dict_dir: dictionaries })
  })
})
