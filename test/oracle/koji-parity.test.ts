import { execFileSync } from "node:child_process"
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, renameSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runHere } from "../cli/run-cli.ts"
import { metadataOf, repodataFile } from "../export/published.ts"
import { treeOf } from "../kit/export-rig.ts"
import { archOf, kojiPlaces, metadataKinds, staleFiles, trueSums, truthful } from "../kit/koji-parity-packages.ts"
import { type KojiReplay, type OurRun, replayKoji } from "../kit/koji-parity-replay.ts"
import { kojiContent, kojiRepoJson, ourContent } from "../kit/koji-parity-repo.ts"
import {
  type KojiVariant,
  keysOf,
  kojiLogs,
  kojiRpms,
  kojiText,
  kojiTree,
  kojiVariantNames,
  loggedUnsigned,
  readKojiVariant,
  tagOf
} from "../kit/koji-parity-variant.ts"
import { notCompared, verdictTable } from "../kit/koji-parity-verdicts.ts"
import { describeWithShared, sharedPath } from "../kit/oracle.ts"
import { zchunkText } from "../kit/zchunk-texts.ts"

/**
 * Runs the dist-repo commands that a real Koji 1.35.3 was given, in its order and with its history, and `watch` where its plugin
 * tag2distrepo acted, and compares the repositories file by file. Equal means: the same packages at the same paths, `pkglist`, `kojipkgs` and `repo.json` but for ids and the topdir, the
 * package elements but for `time/@file`, `latest`. Of sqlite files the records are compared; database.test.ts compares what is in them.
 * Koji's delta rpms come out empty, as createrepo_c does not look below the folder that it is given: what we make is tried out instead.
 */

/** Packages with several signed copies, of which the real Koji lists the sums of another copy than it publishes. */
const otherKeysCopies = [
  "deltalang-3.0-1",
  "gammadoc-1.0-2",
  "glibc-2.34-60",
  "libalpha-1.1-1",
  "libalpha-debuginfo-1.1-1",
  "libalpha-debugsource-1.1-1",
  "libalpha-devel-1.1-1"
]
const copyOfOneKeyRun = ["gammadoc-1.1~rc1-1"]
const knownStale: Readonly<Record<string, ReadonlyArray<string>>> = {
  "two-keys-b-a": otherKeysCopies,
  "key-change": otherKeysCopies,
  "skip-stat-key-change": ["3theta-0.1-1.el9", "epsilon-data-4.2-3", ...otherKeysCopies],
  noinherit: copyOfOneKeyRun,
  "allow-missing-signatures": copyOfOneKeyRun,
  "skip-missing-signatures": copyOfOneKeyRun,
  "non-latest-updates": copyOfOneKeyRun
}

const home = mkdtempSync(join(tmpdir(), "distgraph-parity-"))
const compared = kojiVariantNames()
  .filter((name) => !notCompared.has(name))
  .map(readKojiVariant)
const published = compared.filter((variant) => variant.published)
const failed = compared.filter((variant) => !variant.published)
const unsigned = failed.filter(({ byPlugin, name }) => byPlugin || name.startsWith("missing-signature-error"))
const trueElements = truthful(published)

describeWithShared("oracle")("dist-repo and watch over the history of a real Koji", () => {
  let replay: KojiReplay

  beforeAll(async () => {
    replay = await replayKoji(home, compared)
  }, 120_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const variantOf = (name: string): KojiVariant => {
    const variant = compared.find((other) => other.name === name)
    if (variant === undefined) throw new Error(`${name} is not among the recordings`)
    return variant
  }
  const runOf = ({ name }: KojiVariant): OurRun => {
    const run = replay.runs.get(name)
    if (run === undefined) throw new Error(`${name} was not run`)
    return run
  }
  const repoOf = (variant: KojiVariant) => {
    const { answer } = runOf(variant)
    if (!("repo" in answer) || answer.status !== "published") throw new Error(JSON.stringify(answer))
    return answer.repo
  }
  const errorOf = (variant: KojiVariant) => {
    const { answer } = runOf(variant)
    if (!("error" in answer)) throw new Error(`${variant.name} did not fail`)
    return answer.error
  }
  const expectLatest = (variant: KojiVariant): void => {
    const named = published.find(({ repoId }) => repoId === variant.latest)
    expect(named !== undefined).toBe(variant.latest !== null)
    expect(runOf(variant).latest).toBe(named === undefined ? null : repoOf(named).id)
  }
  const expectNothingMade = (variant: KojiVariant): void => {
    const before = published.filter((other) => other.repoId < variant.repoId && tagOf(other) === tagOf(variant))
    expect(runOf(variant).folder).toEqual(before.map((other) => String(repoOf(other).id)).sort())
    expectLatest(variant)
  }

  it("compares every recording, or says why not", () => {
    expect([...compared.map(({ name }) => name), ...notCompared.keys()].sort()).toEqual(kojiVariantNames())
    expect(failed.map(({ name }) => name)).toEqual(
      [
        "arch-unknown",
        "event-before-tag",
        "missing-files-error",
        "zck-dict-dir-missing",
        "zck-dict-dir-without-zck",
        ...unsigned.map(({ name }) => name)
      ].sort()
    )
  })

  it("has its verdicts in the documentation", () => {
    const table = verdictTable(kojiVariantNames())
    process.stderr.write(`${table.counts}\n`)
    const documented = readFileSync(join(import.meta.dirname, "../../docs/differences.md"), "utf8")
    expect(documented).toContain(table.counts)
    expect(documented.split("\n").map(cellsOf)).toEqual(expect.arrayContaining(table.rows.map((row) => [...row])))
  })

  describe("publishes what Koji published", () => {
    it.each(published.map((variant) => [variant.name, variant] as const))("%s", (name, variant) => {
      const { id, path } = repoOf(variant)
      expect(runOf(variant).code).toBe(0)
      expect(places(treeOf(path))).toEqual(places(kojiTree(name)))
      expect(readFileSync(join(path, "repo.json"), "utf8")).toBe(kojiRepoJson(variant, id, replay))

      for (const place of kojiPlaces(name)) {
        const arch = archOf(place)
        const ours = ourContent(path, place)
        expect(ours).toEqual(kojiContent(name, place, replay, (kind) => trueElements(name, place, kind)))

        for (const kind of variant.args.includes("--zck") ? metadataKinds : []) {
          expect(zchunkText(repodataFile(path, place, `${kind}_zck`))).toBe(metadataOf(path, place, kind))
        }

        for (const { fields, file } of ours.kojipkgs) {
          const { ino, nlink } = statSync(join(path, arch, "Packages", file.charAt(0).toLowerCase(), file))
          const { _pkgpath: copy } = Object.fromEntries(fields)
          // the copy of a file that was imported already signed has the bytes of that file: a link to either will do
          const sources = [String(copy), String(copy).replace(/data\/signed\/[^/]*\//, "")]
          expect(nlink, file).toBeGreaterThanOrEqual(2)
          expect(sources.map((source) => statSync(source).ino)).toContain(ino)
        }

        const sums = trueSums(name, place)
        const stale = [...sums.keys()].filter((file) => (knownStale[name] ?? []).includes(withoutArch(file))).sort()
        for (const { kind, packages } of ours.metadata) {
          expect(new Map(packages.map(({ checksum, file }) => [file, checksum])), kind).toEqual(sums)
        }
        for (const kind of metadataKinds) expect([...staleFiles(name, place, kind)].sort()).toEqual(stale)

        const emptyRepo = (tree: ReadonlyArray<{ readonly path: string; readonly sha256: string }>) =>
          tree.find((entry) => entry.path === `${place}/repodata/EMPTY_REPO`)?.sha256
        // once a repo of the tag was empty, Koji's stays for ever
        const sticking = name === "empty-tag-then-filled"
        expect(emptyRepo(treeOf(path))).toBe(sticking ? undefined : emptyRepo(kojiTree(name)))
        expect(emptyRepo(kojiTree(name)) !== undefined).toBe(sticking || ours.pkglist.join("") === "")
      }
      expectLatest(variant)
    })
  })

  it("puts a repo on a volume, with Koji's link to it", () => {
    const { id, path } = repoOf(variantOf("volume"))
    const link = kojiText("volume", "repo-dir-symlink.txt").replace(/\d+$/m, String(id)).trim()
    expect(path).toBe(join(replay.topdir, `repos-dist/dist-1/${id}`))
    expect(readlinkSync(path)).toBe(link)
    expect(lstatSync(join(replay.topdir, `vol/vol2/repos-dist/dist-1/${id}`)).isDirectory()).toBe(true)
  })

  it("has delta rpms where Koji was asked for some and made none", () => {
    const drpms = (name: string) =>
      treeOf(repoOf(variantOf(name)).path).flatMap(({ path }) => (path.endsWith(".drpm") ? [path] : []))
    const delta = "x86_64/drpms/gammadoc-1.0-1_1.0-2.noarch.drpm"
    expect(drpms("delta-by-repo-id")).toEqual([delta])
    // the newest repos of both tags have the same packages already
    expect([...drpms("delta-by-tag-name"), ...drpms("delta-of-other-tag")]).toEqual([])
    const [before, after] = ["delta-base", "delta-by-repo-id"].map((name) => repoOf(variantOf(name)).path)
    const rebuilt = join(home, "rebuilt.rpm")
    const old = join(before ?? "", "x86_64/Packages/g/gammadoc-1.0-1.noarch.rpm")
    execFileSync("applydeltarpm", ["-r", old, join(after ?? "", delta), rebuilt])
    const made = readFileSync(join(after ?? "", "x86_64/Packages/g/gammadoc-1.0-2.noarch.rpm"))
    expect(readFileSync(rebuilt).equals(made)).toBe(true)
  })

  describe("fails where Koji failed, for the same reasons, and makes nothing", () => {
    it.each(unsigned.map((variant) => [variant.name, variant] as const))("%s", (name, variant) => {
      const { failures = [] } = errorOf(variant)
      const ours = failures.flatMap(({ error }) => error.unsigned)
      const expected = kojiRpms(name).filter(({ keys }) => !keys.some((key) => keysOf(variant).includes(key)))
      expect(ours.map(({ available, nvra }) => ({ nvra, keys: available })).sort(byNvra)).toEqual(expected)
      // the builder that fails first has the others cancelled: Koji's log tells of one arch only, which is all that the plugin's tag has
      if (variant.byPlugin) expect(loggedUnsigned(name)).toHaveLength(expected.length)
      else expect(loggedUnsigned(name).length).toBeLessThan(expected.length)
      expect(expected).toEqual(expect.arrayContaining([...loggedUnsigned(name)]))
      expect(runOf(variant).code).toBe(1)
      expectNothingMade(variant)
    })

    it("missing-files-error", () => {
      const variant = variantOf("missing-files-error")
      const { failures = [] } = errorOf(variant)
      const logged = kojiLogs(variant.name, "missing_files").flatMap((log) => log.match(/^\/.*$/gm) ?? [])
      const ours = failures.flatMap(({ error }) => error.missingFiles.map(({ path }) => `/mnt/koji/${path}`))
      expect(ours.sort()).toEqual(logged.sort())
      expect(failures.flatMap(({ error }) => error.unsigned)).toEqual([])
      expect(runOf(variant).code).toBe(1)
      expectNothingMade(variant)
    })

    it("event-before-tag", () => {
      const variant = variantOf("event-before-tag")
      expect(kojiText(variant.name, "tasks", "task-distRepo.json")).toContain("No such tagInfo: 'dist-1'")
      expect(errorOf(variant).message).toBe(`No such tagInfo: 'dist-1' at event ${replay.hubEvent(3)}`)
      expect(runOf(variant).code).toBe(1)
      expectNothingMade(variant)
    })

    it("zck-dict-dir-missing", () => {
      const variant = variantOf("zck-dict-dir-missing")
      expect(errorOf(variant).message).toBe("zchunk dir path doesn't exist: /usr/share/nonexistent")
      expect(kojiText(variant.name, "tasks", "task-distRepo.json")).toContain(errorOf(variant).message)
      expect(runOf(variant).code).toBe(1)
      expectNothingMade(variant)
    })

    it("zck-dict-dir-without-zck, which is refused at once", () => {
      const variant = variantOf("zck-dict-dir-without-zck")
      expect(errorOf(variant).message).toBe("--zck-dict-dir makes no sense without --zck")
      expect(kojiText(variant.name, "tasks", "task-createdistrepo-x86_64.json")).toContain(errorOf(variant).message)
      expect(runOf(variant).code).toBe(2)
      expectNothingMade(variant)
    })

    it("arch-unknown, where Koji's builder crashes and we refuse at once", () => {
      const variant = variantOf("arch-unknown")
      expect(kojiText(variant.name, "tasks", "task-distRepo.json")).toContain("KeyError: 'nonesuch'")
      expect(errorOf(variant).message).toMatch(/^Unknown arch: nonesuch /)
      expect(runOf(variant).code).toBe(2)
      expectNothingMade(variant)
    })
  })

  it.each(
    published
      .filter(({ args }) => args.some((word) => word.endsWith("-missing-signatures")))
      .map((variant) => [variant.name, variant] as const)
  )("%s names the unsigned rpms that Koji's log names", (name, variant) => {
    const { answer, stderr } = runOf(variant)
    const named = "unsigned" in answer ? (answer.unsigned ?? []).map(({ nvra }) => nvra) : []
    const logged = new Set(loggedUnsigned(name).map(({ nvra }) => nvra))
    // without keys nothing is missed: Koji names every rpm then
    expect([...named].sort()).toEqual(keysOf(variant).length === 0 ? [] : [...logged].sort())
    expect(stderr.some((line) => line.includes("not signed with"))).toBe(named.length > 0)
  })

  it("makes no repo where nothing changed, unless it is forced to", () => {
    const before = repoOf(variantOf("basic-one-key"))
    expect(replay.unforced).toMatchObject({
      code: 0,
      answer: { status: "unchanged", repo: before },
      latest: before.id,
      folder: [String(before.id)]
    })
    expect(repoOf(variantOf("basic-again-no-change")).id).not.toBe(before.id)
  })

  it.each(["split-debuginfo", "multilib-fixed-split-debuginfo"])(
    "%s has the same packages where debug information has a repository with packages of its own",
    async (name) => {
      const variant = variantOf(name)
      const { path } = repoOf(variant)
      const [tag, ...keys] = [tagOf(variant), ...keysOf(variant)]
      const config = sharedPath("oracle", "inputs", "multilib.conf")
      const multilib = variant.args.includes("--multilib") ? ["--multilib", config] : []
      const { stdout } = await runHere(
        ["dist-repo", tag, ...keys, ...multilib, "--split-debuginfo", "--force", "--quiet", "--json"],
        { DISTGRAPH_TOPDIR: replay.topdir, DISTGRAPH_STORE: join(home, "store") }
      )
      const own: string = JSON.parse(stdout).repo.path
      const packages = (repo: string) =>
        new Map(treeOf(repo).flatMap(({ path: at, sha256 }) => (at.endsWith(".rpm") ? [[at, sha256] as const] : [])))
      const moved = [...packages(path)].map(
        ([at, sha256]) => [at.replace(/(?=Packages\/.\/.*-debug(info|source)-)/, "debug/"), sha256] as const
      )
      expect(packages(own)).toEqual(new Map(moved))
      expect(moved.some(([at]) => at.includes("/debug/"))).toBe(true)
      for (const place of kojiPlaces(name)) {
        const hrefs = (repo: string) =>
          [...metadataOf(repo, place, "primary").matchAll(/<location href="([^"]*)"/g)].map(([, href = ""]) => href)
        expect(hrefs(own)).toEqual(hrefs(path).map((href) => href.replace(/^\.\.\//, "")))
      }
    }
  )

  it("takes a file as it was imported, also where a signed copy of the same bytes is gone", async () => {
    const place = "packages/betatool/2.1/1/data/signed/b234aeac/x86_64/betatool-2.1-1.x86_64.rpm"
    const copy = join(replay.topdir, place)
    renameSync(copy, `${copy}.away`)
    const { code, stderr } = await runHere(
      ["dist-repo", "dist-1-updates", "--allow-missing-signatures", "--force", "--quiet"],
      { DISTGRAPH_TOPDIR: replay.topdir, DISTGRAPH_STORE: join(home, "store") }
    )
    renameSync(`${copy}.away`, copy)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })

  describeWithShared("hub-recordings")("says what Koji's client said", () => {
    const run = (args: ReadonlyArray<string>) => runHere(args, { DISTGRAPH_TOPDIR: replay.topdir })

    it.each(["no-arguments", "no-keys", "allow-and-skip", "no-such-tag", "arch-noarch-only"])(
      "%s is a usage error",
      async (name) => {
        const koji = recorded(name)
        const { code, stderr, stdout } = await run(koji.args)
        expect({ code, stdout, error: stderr.trim().split("\n").at(-1) }).toEqual({
          code: koji.code,
          stdout: "",
          error: koji.stderr.at(-1)?.replace("koji:", "distgraph:")
        })
      }
    )

    it("volume-unknown fails with Koji's words", async () => {
      const koji = recorded("volume-unknown")
      const { code, stderr } = await run(koji.args)
      const [, reason] = /GenericError: (.*)$/.exec(koji.stderr.at(-1) ?? "") ?? []
      expect({ code, stderr }).toEqual({ code: koji.code, stderr: `distgraph: error: ${reason}\n` })
    })

    it("event-future fails, and ours names the event instead of a broken database constraint", async () => {
      const koji = recorded("event-future")
      const { code, stderr } = await run(koji.args)
      expect({ code, stderr }).toEqual({ code: koji.code, stderr: "distgraph: error: No such event: 999999\n" })
    })

    it.each(published.filter(({ args }) => args.includes("--arch")).map((variant) => [variant.name, variant] as const))(
      "%s warns of arches that are not the tag's",
      (name, variant) => {
        expect(runOf(variant).stderr).toEqual(recorded(name).stderr.map((line) => `distgraph: warning: ${line}`))
      }
    )
  })
})

/** What stands where: packages by their bytes, other files by name. What is in repodata has names that depend on its bytes. */
const places = (
  tree: ReadonlyArray<{ readonly path: string; readonly type: string; readonly sha256: string }>
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    tree
      .filter(({ path }) => !path.includes("/repodata/") && !/\/drpms(\/|$)/.test(path))
      .map(({ path, sha256, type }) => [
        path,
        path.includes("/Packages/") || path.startsWith("groups/") ? `${type} ${sha256}` : type
      ])
  )

/** The cells of a line of a table in Markdown. */
const cellsOf = (line: string): ReadonlyArray<string> =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim())

const byNvra = (a: { readonly nvra: string }, b: { readonly nvra: string }): number => (a.nvra < b.nvra ? -1 : 1)

const withoutArch = (file: string): string => file.replace(/\.[^.]+\.rpm$/, "")

/** What the stock client did with a command. */
const recorded = (name: string) => {
  const text = readFileSync(sharedPath("hub-recordings", `dist-repo-${name}`, "command.txt"), "utf8")
  const [, command = ""] = /^command: koji (.*)$/m.exec(text) ?? []
  return {
    args: command.split(" ").filter((word) => word !== "--wait"),
    code: Number(/^exit code: (\d+)$/m.exec(text)?.[1]),
    stderr: (text.split("--- stderr ---\n")[1] ?? "").split("\n").filter((line) => line !== "")
  }
}
