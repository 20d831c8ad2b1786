import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { Either } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRepomd } from "../../src/repodata/read-repomd.ts"
import type { Repomd } from "../../src/repodata/repomd.ts"
import { runHere } from "../cli/run-cli.ts"
import { dnfIn, rpmNevras, runTool } from "../kit/clients.ts"
import { type CreaterepoC, createrepoCs } from "../kit/createrepo-c.ts"
import { fixture, fixtureNames } from "../kit/fixtures.ts"
import { describeWithShared, describeWithTools, sharedPath } from "../kit/oracle.ts"
import {
  documentOf,
  elementKinds,
  elementsOf,
  withoutPre,
  withoutRepeatedProvides,
  withRawAttributes
} from "../kit/package-elements.ts"
import { realPackages } from "../rpm/real-packages.ts"

/**
 * Runs `distgraph createrepo` and every createrepo_c on PATH with the same options on the same directories, and compares all that
 * they write. What differs on purpose is taken out of the comparison below, or named in a test of its own; docs/createrepo.md has it all.
 */
let folder: string
let input: string
let outputs = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-createrepo-"))
  input = join(folder, "input")
  const other = join(folder, "other")
  for (const at of ["sub/deep", "x.rpm", "skipped", "a", "b", ".hidden", "Ünïcode & <odd>"]) {
    mkdirSync(join(input, at), { recursive: true })
  }
  mkdirSync(other)
  const [first = "", second = "", third = "", ...rest] = fixtureNames("unsigned").map((name) =>
    fixture("unsigned", name)
  )
  for (const path of rest) cpSync(path, join(input, basename(path)), { preserveTimestamps: true })
  cpSync(first, join(input, "sub/deep/m.rpm"))
  cpSync(first, join(input, "skipped/e.rpm"))
  cpSync(second, join(input, "x.rpm/q.rpm"))
  cpSync(second, join(input, "a/same.rpm"))
  cpSync(third, join(input, "b/same.rpm"))
  cpSync(third, join(input, ".hidden/.h.rpm"))
  cpSync(third, join(input, "Ünïcode & <odd>", "größe 100% + \"~^'.rpm"))
  cpSync(third, join(other, "o.rpm"))
  linkSync(join(other, "o.rpm"), join(input, "Z.rpm"))
  symlinkSync("../other", join(input, "linked-folder"))
  symlinkSync("../other/o.rpm", join(input, "link.rpm"))
  symlinkSync("nowhere.rpm", join(input, "dangling.rpm"))
  writeFileSync(join(input, "UPPER.RPM"), "no package: its name ends otherwise")
  writeFileSync(join(input, "notes.txt"), "no package")
  utimesSync(join(input, "Z.rpm"), 1_000_000_000.75, 1_000_000_000.75)
  writeFileSync(join(folder, "list"), "b/same.rpm\n\n./sub/deep/m.rpm\nlink.rpm\n../other/o.rpm\na/same.rpm\n")
  writeFileSync(
    join(input, "comps.xml"),
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">\n<comps>\n  <group><id>core</id><name>Core &amp; more</name><packagelist><packagereq>hello</packagereq></packagelist></group>\n</comps>\n'
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Made {
  readonly documents: Readonly<Record<(typeof elementKinds)[number], string>>
  readonly repomd: Repomd
  readonly said: string
}

const madeIn = (output: string, said: string): Made => ({
  documents: {
    primary: documentOf(output, "primary"),
    filelists: documentOf(output, "filelists"),
    other: documentOf(output, "other")
  },
  repomd: Either.getOrThrow(readRepomd(readFileSync(join(output, "repodata/repomd.xml")))),
  said
})

const freshOutput = (): string => {
  outputs += 1
  const output = join(folder, `output-${outputs}`)
  mkdirSync(output)
  return output
}

const gz = ["--general-compress-type", "gz"]

const ours = async (args: ReadonlyArray<string>, exit = 0): Promise<Made> => {
  const output = freshOutput()
  const command = ["createrepo", "--store", join(folder, "store"), "-q", ...gz, "-o", output, ...args]
  const { code, stderr, stdout } = await runHere(command, {})
  expect([code, code === exit ? "" : stdout + stderr]).toEqual([exit, ""])
  return madeIn(output, stderr)
}

const theirs = async ({ knowsZstd, path }: CreaterepoC, args: ReadonlyArray<string>, exit = 0): Promise<Made> => {
  const output = freshOutput()
  const options = ["--quiet", "--no-database", "--error-exit-val", ...(knowsZstd ? gz : [])]
  const { stderr } = await runTool(path, [...options, "-o", output, ...args], { exit })
  return madeIn(output, stderr)
}

/** A document's lines around its packages and the elements, but for what differs by the versions of libxml2, librpm and createrepo_c. */
const comparable = (document: string) => {
  const { elements, ...around } = elementsOf(document)
  return { ...around, elements: elements.map((xml) => withoutRepeatedProvides(withoutPre(withRawAttributes(xml)))) }
}

/** What repomd.xml says that does not depend on the bytes of compressed files. */
const comparableIndex = ({ records, tags }: Repomd) => ({
  tags,
  records: records.map(({ base, checksum, href, openChecksum, type }) => ({
    type,
    base,
    sums: [checksum.type, openChecksum?.type],
    name: href.replace(checksum.value, "SUM")
  }))
})

const hrefs = ({ documents }: Made) =>
  [...withRawAttributes(documents.primary).matchAll(/<location (?:xml:base="[^"]*" )?href="([^"]*)"/g)].map(
    ([, href]) => href
  )

const creators = createrepoCs()

describeWithTools("createrepo_c")("createrepo has a createrepo_c to be compared with", () => {
  it("on PATH", () => expect(creators).not.toEqual([]))
})

describe.each(creators)("createrepo, compared with createrepo_c $version", (creator) => {
  const list = () => join(folder, "list")
  const cases: ReadonlyArray<readonly [name: string, args: () => ReadonlyArray<string>]> = [
    ["of a directory", () => []],
    ["without links", () => ["-S"]],
    ["without what a glob excludes by path", () => ["-x", "sub/*"]],
    ["without a folder that a glob excludes by name", () => ["-x", "skipped", "-x", "?same*"]],
    ["without a folder below a folder, by its name", () => ["-x", "deep"]],
    ["without a file by its path", () => ["--excludes", "a/same.rpm"]],
    ["with brackets in a glob, which are only themselves", () => ["-x", "[ab]/*"]],
    ["of listed packages", () => ["-i", list()]],
    ["of listed packages, links and globs regardless", () => ["-S", "-x", "a/*", "--pkglist", list()]],
    ["of named packages", () => ["-n", "b/same.rpm", "--includepkg", "Z.rpm"]],
    ["with a base", () => ["-u", "http://example.org/a?b=1&c=2"]],
    ["with a base that is a path", () => ["--baseurl", "/srv/packages"]],
    ["with shortened paths", () => ["--cut-dirs", "1"]],
    ["with paths shortened to nothing but names", () => ["--cut-dirs", "9", "--location-prefix", "pool"]],
    ["of listed packages with shortened paths", () => ["-i", list(), "--cut-dirs", "1"]],
    ["with a prefix", () => ["--location-prefix", "../up/"]],
    ["with no changelogs", () => ["--changelog-limit", "0"]],
    ["with all changelogs", () => ["--changelog-limit", "-1"]],
    ["with a group file", () => ["-g", "comps.xml", "--compatibility"]],
    [
      "with tags",
      () => [
        "--repo",
        "one",
        "--repo",
        "t&wo",
        "--content",
        "c",
        "--distro",
        "cpe:/o:x,X <1>",
        "--distro",
        ",Y",
        "--distro",
        "Z,"
      ]
    ],
    ["with plain names", () => ["--simple-md-filenames"]],
    ["dated by a revision", () => ["--revision", "1234567890", "--set-timestamp-to-revision"]],
    ["with another checksum for the index", () => ["--repomd-checksum", "sha512"]],
    ...["sha224", "sha384", "sha512"].map((type) => [`with ${type}`, () => ["-s", type]] as const),
    // newer ones are built without
    ...(creator.version === "0.17.3" ? ["sha1", "sha", "md5"] : []).map(
      (type) => [`with ${type}`, () => ["-s", type]] as const
    )
  ]

  it.each(cases)("lists the same packages in the same order, element for element: %s", async (_, args) => {
    const [made, expected] = await Promise.all([ours([...args(), input]), theirs(creator, [...args(), input])])
    expect(hrefs(made)).toEqual(hrefs(expected))
    for (const kind of elementKinds) {
      expect(comparable(made.documents[kind])).toEqual(comparable(expected.documents[kind]))
    }
    expect(comparableIndex(made.repomd)).toEqual(comparableIndex(expected.repomd))
  })

  it("dates its files by the revision alike", async () => {
    const args = ["--revision", "1234567890", "--set-timestamp-to-revision", input]
    const dates = ({ repomd }: Made) => [repomd.revision, ...repomd.records.map(({ timestamp }) => timestamp)]
    expect(dates(await ours(args))).toEqual(dates(await theirs(creator, args)))
  })

  it("of an empty directory is as empty", async () => {
    const empty = join(folder, "empty")
    mkdirSync(empty, { recursive: true })
    const [made, expected] = [await ours([empty]), await theirs(creator, [empty])]
    expect(made.documents).toEqual(expected.documents)
  })

  it("leaves a listed package that is not there out, says so, and ends with 2", async () => {
    writeFileSync(join(folder, "gaps"), "a/same.rpm\nmissing.rpm\nb\n")
    const args = ["-i", join(folder, "gaps"), input]
    const [made, expected] = [await ours(args, 2), await theirs(creator, args, 2)]
    expect(hrefs(made)).toEqual(hrefs(expected))
    expect(made.said).toContain("missing.rpm is left out: no such file or directory")
    expect(made.said).toContain("b is left out: it is no regular file")
  })
})

describe("what reads a repository by createrepo", () => {
  const packages = fixtureNames("unsigned").filter((name) => !name.endsWith(".src.rpm"))
  let repository: string
  beforeAll(() => {
    repository = join(folder, "read")
    mkdirSync(join(repository, "sub"), { recursive: true })
    for (const [index, name] of packages.entries()) {
      cpSync(fixture("unsigned", name), join(repository, index % 2 === 0 ? name : `sub/${name}`))
    }
  })
  const make = async (...args: ReadonlyArray<string>) => {
    const { code, stderr } = await runHere(
      ["createrepo", "--store", join(folder, "store"), "-q", ...args, repository],
      {}
    )
    expect([code, stderr]).toEqual([0, ""])
  }
  const compressions: ReadonlyArray<ReadonlyArray<string>> = [["--compatibility"], ["--general-compress-type", "zstd"]]

  describeWithTools("dnf", "rpm")("such as dnf", () => {
    it.each(compressions)("lists all packages (%s)", async (...compression) => {
      await make("-g", join(input, "comps.xml"), ...compression)
      const dnf = dnfIn(mkdtempSync(join(folder, "dnf-")))
      const exported = { path: repository, arch: "x86_64", platform: "platform:f42" }
      const all = await rpmNevras(packages.map((name) => fixture("unsigned", name)))
      expect(await dnf.nevras(exported, "--available")).toEqual(all)
      expect((await dnf.run(exported, ["group", "list", "--hidden"])).stdout).toContain("Core & more")
      const into = mkdtempSync(join(folder, "fetched-"))
      await dnf.download(exported, into, ["hello"])
      expect(readdirSync(into)).toContain("hello-1.1-1.x86_64.rpm")
    })
  })

  describeWithTools(
    "rpm",
    "repo2solv",
    "dumpsolv"
  )("such as libsolv", () => {
    it.each(compressions)("lists all packages (%s)", async (...compression) => {
      await make(...compression)
      const solv = join(folder, "read.solv")
      await runTool("repo2solv", ["-o", solv, repository])
      const { stdout } = await runTool("dumpsolv", [solv])
      expect(stdout.match(/^solvable:name: (?!group:|pattern:)/gm) ?? []).toHaveLength(packages.length)
    })
  })

  it.each(creators)("such as createrepo_c $version, which reuses all of it", async ({ path }) => {
    await make("--compatibility")
    const before = elementKinds.map((kind) => comparable(documentOf(repository, kind)))
    const { stderr } = await runTool(path, ["--verbose", "--no-database", "--compatibility", "--update", repository])
    expect(stderr.match(/CACHE HIT/g) ?? []).toHaveLength(packages.length)
    expect(elementKinds.map((kind) => comparable(documentOf(repository, kind)))).toEqual(before)
  })
})

describe.each(creators)("createrepo over an old repository, compared with createrepo_c $version", (creator) => {
  /** A directory with a repository by createrepo_c, with sqlite, groups, an addition of modifyrepo_c's, leftovers and foreign files. */
  const oldRepository = async (name: string): Promise<string> => {
    const directory = join(folder, name)
    mkdirSync(directory)
    cpSync(fixture("unsigned", "hello-1.0-1.x86_64.rpm"), join(directory, "hello.rpm"))
    const options = ["--quiet", "--database", "-g", join(input, "comps.xml"), ...(creator.knowsZstd ? gz : [])]
    await runTool(creator.path, [...options, directory])
    const updates = join(folder, "updateinfo.xml")
    writeFileSync(updates, "<updates/>")
    await runTool(join(creator.path, "../modifyrepo_c"), [updates, join(directory, "repodata")])
    const old = join(directory, "repodata")
    writeFileSync(join(old, "foreign.txt"), "foreign")
    for (const [index, kind] of [
      "primary.xml.gz",
      "filelists.xml.gz",
      "other.xml.gz",
      "primary.sqlite.bz2"
    ].entries()) {
      for (const age of [1, 2, 3]) {
        const leftover = join(old, `${String(index + age).repeat(64)}-${kind}`)
        writeFileSync(leftover, "from another time")
        utimesSync(leftover, Date.now() / 1000 - age * 5000, Date.now() / 1000 - age * 5000)
      }
    }
    cpSync(fixture("unsigned", "demo-release-42-1.noarch.rpm"), join(directory, "demo.rpm"))
    return directory
  }

  const cases: ReadonlyArray<readonly [name: string, args: ReadonlyArray<string>]> = [
    ["keeps what nothing listed", []],
    ["keeps all that is asked for", ["--retain-old-md", "1"]],
    ["keeps all", ["--retain-old-md=-1"]],
    ["keeps none of the kinds of package metadata for old clients", ["--compatibility"]],
    ["keeps the newest of each kind", ["--compatibility", "--retain-old-md", "2"]],
    ["keeps what is young", ["--retain-old-md-by-age", "2h"]],
    ["keeps what is young, in minutes", ["--retain-old-md-by-age", "100m"]],
    ["drops further records", ["--discard-additional-metadata"]]
  ]
  it.each(cases)("%s", async (name, args) => {
    const made = await oldRepository(`ours ${name}`)
    const expected = await oldRepository(`theirs ${name}`)
    const { code, stderr } = await runHere(
      ["createrepo", "--store", join(folder, "store"), "-q", ...gz, ...args, made],
      {}
    )
    expect([code, stderr]).toEqual([0, ""])
    const keep = args.includes("--discard-additional-metadata") ? [] : ["--keep-all-metadata"]
    const theirArgs = args.filter((arg) => creator.version !== "0.17.3" || arg !== "--discard-additional-metadata")
    const options = ["--quiet", "--update", "--no-database", ...keep, ...(creator.knowsZstd ? gz : [])]
    await runTool(creator.path, [...options, ...theirArgs, expected])
    const index = (directory: string) =>
      Either.getOrThrow(readRepomd(readFileSync(join(directory, "repodata/repomd.xml"))))
    expect(index(made).records.map(({ type }) => type)).toEqual(index(expected).records.map(({ type }) => type))
    // names of files that were made are those of their checksums
    const files = (directory: string) => {
      const listed = new Set(index(directory).records.map(({ href }) => basename(href)))
      const names = readdirSync(join(directory, "repodata"))
      return {
        listed: names
          .filter((file) => listed.has(file))
          .map((file) => file.replace(/^[0-9a-f]{64}-/, ""))
          .sort(),
        // what was in the old one is told by its name, which is another where sqlite or gzip differ
        others: names
          .filter((file) => !listed.has(file))
          .map((file) => file.replace(/^(?!(\d)\1{63})[0-9a-f]{64}-/, ""))
          .sort()
      }
    }
    expect(files(made)).toEqual(files(expected))
  })
})

describeWithShared("rpms", "INDEX.tsv")("createrepo of all real packages, good and broken", () => {
  describe.each(creators)("compared with createrepo_c $version", (creator) => {
    it("lists what createrepo_c lists, in its order, but for the packages whose headers are not what they say", async () => {
      const real = join(folder, "real")
      mkdirSync(real, { recursive: true })
      const packages = realPackages().map(({ column, file }, number) => {
        const link = `${number}-${basename(file)}.rpm`
        symlinkSync(sharedPath("rpms", file), join(real, link))
        return { link, file, check: column("check") }
      })
      const [made, expected] = [await ours([real], 2), await theirs(creator, [real], 2)]
      const listed = new Set(hrefs(made))
      const known = new Set(hrefs(expected))
      const onlyTheirs = hrefs(expected).filter((href) => !listed.has(href))
      const onlyOurs = hrefs(made).filter((href) => !known.has(href))
      // theirs checks no digests; ours checks that of the header, never the payload
      for (const href of onlyTheirs) {
        expect([href, packages.find(({ link }) => link === href)?.check]).not.toEqual([href, "ok"])
        expect(made.said).toMatch(new RegExp(`${href?.replace(/[.*+?^()[\]{}|\\]/g, "\\$&")} is left out: `))
      }
      // theirs leaves out what has a control character in it; ours replaces that, and says so
      for (const href of onlyOurs) expect(made.said).toContain(`${href}: its `)
      const common = (from: Made) => hrefs(from).filter((href) => listed.has(href) && known.has(href))
      expect(common(made)).toEqual(common(expected))
      expect(common(made).length).toBeGreaterThan(350)
      // each file that is not listed is named with a reason
      for (const { link } of packages) if (!listed.has(link)) expect(made.said).toContain(`${link} is left out: `)
    })
  })
})
