import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Hub } from "../../src/hub/hub.ts"
import { runHere } from "../cli/run-cli.ts"
import { metadataOf, repomdOf } from "../export/published.ts"
import { treeOf } from "../kit/export-rig.ts"
import { metadataKinds, type PackageElement, packageElements } from "../kit/koji-parity-packages.ts"
import { kojiText } from "../kit/koji-parity-variant.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { ORACLE_USER, readScenario, rebuildOracle } from "../kit/oracle-scenario.ts"

/**
 * Runs the regen-repo commands that a real Koji 1.35.3 was given, in its order, and compares the internal repos file by file: the tree with
 * its links, `pkglist`, `rpmlist.jsonl`, `blocklist`, the comps files byte for byte, the package elements but for `time/@file`, the records
 * of repomd.xml but for sqlite files, `repo.json` and the hub's row but for ids, and `latest`. Lists are compared as sets: Koji's come in
 * the order of taggings.
 */

const variants = [
  "regen-repo-make-task",
  "regen-repo-make-task-source-debuginfo",
  "regen-repo-make-task-separate-source",
  "regen-repo"
] as const

/** All that came before these commands; each of them made an event for itself. */
const before = 191

const home = mkdtempSync(join(tmpdir(), "distgraph-internal-"))
const topdir = join(home, "topdir")
const env = { DISTGRAPH_TOPDIR: topdir, DISTGRAPH_STORE: join(home, "store") }
const inHub = <A, E>(effect: Effect.Effect<A, E, Hub>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, Hub.layer(topdir, { user: ORACLE_USER })))

describeWithShared("oracle")("regen-repo over the history of a real Koji", () => {
  const runs = new Map<string, Run>()
  let ids: Ids
  let hubEvent: (kojiEvent: number) => number

  beforeAll(async () => {
    const events = await inHub(rebuildOracle({ upTo: before }))
    hubEvent = events.hubEvent
    ids = await inHub(ourIds)
    for (const variant of variants) {
      const [, ...words] = kojiText(variant, "command.txt").trim().split(/\s+/)
      const { code, stderr, stdout } = await runHere([...words, "--json", "--quiet"], env)
      const answer = { code, stderr, ...Schema.decodeSync(Schema.parseJson(Answer))(stdout) }
      runs.set(variant, { ...answer, tagDir: tagDirOf(join(answer.repo.path, "..")) })
    }
  }, 120_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const runOf = (variant: string): Run => {
    const run = runs.get(variant)
    if (run === undefined) throw new Error(`${variant} was not run`)
    return run
  }
  const idOf = (kojiId: string): string => {
    const variant = variants.find((name) => String(recordedRepo(name).id) === kojiId)
    return variant === undefined ? kojiId : String(runOf(variant).repo.id)
  }

  it.each(variants)("%s", async (variant) => {
    const { code, repo, stderr, tagDir } = runOf(variant)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })

    const text = (...path: ReadonlyArray<string>) => kojiText(variant, "files", ...path)
    const ours = (...path: ReadonlyArray<string>) => readFileSync(join(repo.path, ...path), "utf8")
    expect(treeLines(treeOf(repo.path))).toEqual(kojiTreeLines(variant))
    expect(ours("repo.json")).toBe(kojiRepoJson(variant, repo.id))
    expect(ours("groups/comps.xml")).toBe(text("groups/comps.xml"))

    const arches = readdirSync(sharedPath("oracle", "variants", variant, "files")).filter(
      (name) => name !== "groups" && name !== "repo.json"
    )
    for (const arch of arches) {
      expect(lines(ours(arch, "pkglist"))).toEqual(lines(text(arch, "pkglist")))
      expect(lines(ours(arch, "rpmlist.jsonl"))).toEqual(lines(withOurIds(text(arch, "rpmlist.jsonl"))))
      expect(ours(arch, "blocklist")).toBe(text(arch, "blocklist"))
      expect(realpathSync(join(repo.path, arch, "toplink"))).toBe(realpathSync(topdir))
      for (const kind of metadataKinds) {
        const [mine, kojis] = [metadataOf(repo.path, arch, kind), text(arch, "repodata", `${kind}.xml`)]
        expect(elements(mine)).toEqual(elements(kojis))
        expect(frameOf(mine)).toBe(frameOf(kojis))
      }
      expect(recordsOf(repomdOf(repo.path, arch))).toEqual(
        recordsOf(text(arch, "repodata/repomd.xml")).filter(([type]) => !type?.endsWith("_db"))
      )
    }

    const row = await inHub(Effect.flatMap(Hub, (hub) => hub.repo(repo.id)))
    const kojis = recordedRepo(variant)
    expect({ opts: row.opts, custom: row.customOpts, state: row.state, kind: row.kind, end: row.endEvent }).toEqual({
      opts: kojis.opts,
      custom: kojis.custom_opts,
      state: "READY",
      kind: "internal",
      end: null
    })
    expect(row.beginEvent).toBe(hubEvent(kojis.begin_event))
    expect(tagDir).toEqual(
      kojiText(variant, "tag-dir.txt")
        .trim()
        .split("\n")
        .map((line) => line.replace(/\d+/g, idOf))
    )
  })

  it("makes no new repo where nothing changed, of the same options", async () => {
    const again = await runHere(["regen-repo", "dist-1", "--debuginfo", "--src", "--json"], env)
    expect(JSON.parse(again.stdout)).toEqual({
      status: "unchanged",
      repo: { id: runOf("regen-repo-make-task-source-debuginfo").repo.id, path: expect.any(String) },
      story: null
    })
  })

  const kojiRepoJson = (variant: string, id: number): string =>
    kojiText(variant, "repo.json")
      .replace(/^( *"id": )\d+/m, `$1${id}`)
      .replace(/^( *"tag_id": )\d+/m, `$1${ids.tags.get(recordedRepo(variant).tag_name)}`)
      .replace(/^( *"task_id": )\d+/m, "$1null")
      .replace(/^( *"event_id": )\d+/m, `$1${hubEvent(before)}`)

  const withOurIds = (rpmlist: string): string =>
    rpmlist
      .split("\n")
      .map((line) => {
        if (line === "") return line
        const { arch, name, release, version } = JSON.parse(line)
        const ours = ids.rpms.get(`${name}-${version}-${release}.${arch}`)
        return line.replace(/"build_id": \d+/, `"build_id": ${ours?.buildId}`).replace(/"id": \d+/, `"id": ${ours?.id}`)
      })
      .join("\n")
})

interface Run {
  readonly code: number | null
  readonly stderr: string
  readonly repo: { readonly id: number; readonly path: string }
  /** The tag's folder just after it. */
  readonly tagDir: ReadonlyArray<string>
}

interface Ids {
  readonly tags: ReadonlyMap<string, number>
  readonly rpms: ReadonlyMap<string, { readonly id: number; readonly buildId: number }>
}

const Answer = Schema.Struct({ repo: Schema.Struct({ id: Schema.Int, path: Schema.String }) })

const RepoInfo = Schema.parseJson(
  Schema.Struct({
    id: Schema.Int,
    tag_name: Schema.String,
    begin_event: Schema.Int,
    opts: Schema.Object,
    custom_opts: Schema.Object
  })
)

const recordedRepo = (variant: string) => Schema.decodeSync(RepoInfo)(kojiText(variant, "repoInfo.json"))

const ourIds = Effect.gen(function* () {
  const hub = yield* Hub
  const rpms = yield* Effect.forEach(readScenario().builds, ({ nvr }) => hub.buildRpms(nvr))
  return {
    tags: new Map((yield* hub.listTags()).map(({ id, name }) => [name, id])),
    rpms: new Map(
      rpms.flat().map((rpm) => [`${rpm.name}-${rpm.version}-${rpm.release}.${rpm.arch}`, { ...rpm }] as const)
    )
  }
})

/** As the recording has it: the ids, and where `latest` leads. */
const tagDirOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder)
    .sort()
    .map((name) => (name === "latest" ? `latest -> ${readlinkSync(join(folder, name))}` : name))

const treeLines = (
  tree: ReadonlyArray<{ readonly path: string; readonly type: string; readonly target: string }>
): ReadonlyArray<string> =>
  tree
    .filter(({ path }) => !path.includes("/repodata/"))
    .map(({ path, target, type }) => `${type} ${path}${type === "link" ? ` -> ${target}` : ""}`)
    .sort()

const kojiTreeLines = (variant: string): ReadonlyArray<string> =>
  kojiText(variant, "tree.tsv")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !line.includes("/repodata/"))
    .map((line) => {
      const [path, type, , , target] = line.split("\t")
      return type === "l" ? `link ${path} -> ${target}` : `${type === "d" ? "directory" : "file"} ${path}`
    })
    .sort()

const lines = (text: string): ReadonlyArray<string> => text.split("\n").sort()

/** With both options Koji lists source packages twice, and createrepo_c then has them twice: no variant here asks for both. */
const elements = (document: string): ReadonlyArray<PackageElement> =>
  [...packageElements(document)].sort((a, b) => (a.file < b.file ? -1 : 1))

/** The document without its packages. Versions of createrepo_c differ in line breaks. */
const frameOf = (document: string): string => document.replace(/<package .*<\/package>/s, "").replace(/\s*\n\s*/g, "")

/** The records of repomd.xml in their order: type, end of the file name, names of the elements. */
const recordsOf = (repomd: string): ReadonlyArray<ReadonlyArray<string>> =>
  repomd
    .split("<data ")
    .slice(1)
    .map((record) => [
      /type="([^"]*)"/.exec(record)?.[1] ?? "",
      /href="repodata\/[0-9a-f]{64}(-[^"]*)"/.exec(record)?.[1] ?? "",
      ...(record.match(/<[a-z-]+( type="\w+")?/g) ?? [])
    ])
