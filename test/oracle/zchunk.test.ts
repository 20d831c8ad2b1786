import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { Either } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRepomd } from "../../src/repodata/read-repomd.ts"
import { dnfIn, rpmNevras, runTool } from "../kit/clients.ts"
import { createrepoCs, readWithLibrary } from "../kit/createrepo-c.ts"
import { createrepoRig } from "../kit/createrepo-rig.ts"
import { fixtureNames } from "../kit/fixtures.ts"
import { describeWithTools, hasTool } from "../kit/oracle.ts"
import { rangeServer } from "../kit/range-server.ts"
import { zchunkTexts } from "../kit/zchunk-texts.ts"

/**
 * What zchunk's own tools, createrepo_c and dnf make of our zchunk files. The repository has the fixtures, first with the older
 * hello, then with the newer.
 */
const types = ["primary", "filelists", "other"] as const
const zchunkTools = ["zck_read_header", "unzck", "zck_delta_size", "zckdl"] as const

const names = fixtureNames("unsigned").filter((name) => !name.startsWith("hello-1."))
const comps = Array.from({ length: 4000 }, (_, at) => `<packagereq>package-${at * 7919}</packagereq>\n`).join("")

let rig: ReturnType<typeof createrepoRig>
let folder: string
/** The two versions of the repository's files, and one that is compressed with dictionaries. */
let older: string
let newer: string
let withDictionaries: string

const makeRepository = async (name: string, hello: string, dictionaries: string | null): Promise<string> => {
  const output = join(rig.folder, name)
  mkdirSync(output)
  rmSync(join(rig.directory, "hello.rpm"), { force: true })
  rig.place("hello.rpm", hello)
  await rig.make({ output, groupFile: "comps.xml", zchunk: { dictionaries } })
  return output
}

beforeAll(async () => {
  rig = createrepoRig()
  folder = mkdtempSync(join(tmpdir(), "distgraph-zchunk-"))
  for (const name of names) rig.place(name, name)
  writeFileSync(join(rig.directory, "comps.xml"), `<comps>\n${comps}</comps>\n`)
  older = await makeRepository("older", "hello-1.0-1.x86_64.rpm", null)
  newer = await makeRepository("newer", "hello-1.1-1.x86_64.rpm", null)
  const dictionaries = join(rig.folder, "dictionaries")
  mkdirSync(dictionaries)
  for (const type of types) {
    // one that is text, and two that zstd trained
    const samples = textsOf(older, `${type}_zck`).flatMap((text, at) => {
      const sample = join(dictionaries, `${type}-${at}`)
      writeFileSync(sample, text, "latin1")
      return sample
    })
    const dictionary = join(dictionaries, `${type}.xml.zdict`)
    if (type === "primary" || !hasTool("zstd")) writeFileSync(dictionary, readFileSync(samples[1] ?? ""))
    else await runTool("zstd", ["--train", "--maxdict=2000", "-q", "-o", dictionary, ...samples, ...samples])
  }
  writeFileSync(join(dictionaries, "comps.xml.zdict"), comps.slice(0, 10_000))
  withDictionaries = await makeRepository("with-dictionaries", "hello-1.1-1.x86_64.rpm", dictionaries)
})
afterAll(() => {
  rig?.close()
  rmSync(folder, { recursive: true, force: true })
})

const recordOf = (repository: string, type: string) => {
  const repomd = Either.getOrThrow(readRepomd(readFileSync(join(repository, "repodata/repomd.xml"))))
  const record = repomd.records.find((record) => record.type === type)
  if (record === undefined) throw new Error(`${repository} has no ${type}`)
  return record
}
const pathOf = (repository: string, type: string): string => join(repository, recordOf(repository, type).href)
const textsOf = (repository: string, type: string) => zchunkTexts(readFileSync(pathOf(repository, type)))
const plainText = async (repository: string, type: string): Promise<string> =>
  (await runTool("zcat", [pathOf(repository, type)])).stdout

describeWithTools(...zchunkTools, "zstd")("zchunk's tools", () => {
  describe.each([
    ["without dictionaries", () => newer],
    ["with dictionaries", () => withDictionaries]
  ] as const)("with the files of a repository %s", (words, repository) => {
    it.each(types)("find %s whole, with the header that repomd.xml says it has", async (type) => {
      const { headerChecksum, headerSize } = recordOf(repository(), `${type}_zck`)
      const { stdout } = await runTool("zck_read_header", ["-c", "-f", pathOf(repository(), `${type}_zck`)])
      expect(/^Header checksum: (\w+)$/m.exec(stdout)?.[1]).toBe(headerChecksum?.value)
      expect(Number(/^Header size: (\d+)$/m.exec(stdout)?.[1])).toBe(headerSize)
      expect(stdout.includes("No dictionary")).toBe(words.startsWith("without"))
      expect(stdout).toContain("Chunk checksum type: SHA-512/128")
      // zck_read_header marks a sound chunk with +, and a broken one with !
      const chunks = [...stdout.matchAll(/^ +\d+ [0-9a-f]{32} .*$/gm)].map(([line]) => line.trimEnd().at(-1))
      expect(new Set(chunks)).toEqual(new Set(["+"]))
      expect(chunks).toHaveLength(textsOf(repository(), `${type}_zck`).length + 1)
    })

    it.each(types)("read %s as the compressed file is read", async (type) => {
      const { stdout } = await runTool("unzck", ["-c", pathOf(repository(), `${type}_zck`)])
      expect(stdout).toBe(await plainText(repository(), type))
    })

    it("read groups as they were given", async () => {
      const { stdout } = await runTool("unzck", ["-c", pathOf(repository(), "group_zck")])
      expect(stdout).toBe(readFileSync(join(rig.directory, "comps.xml"), "utf8"))
    })
  })

  it.each(types)("need, for the next version of %s, its header and the chunk that changed", async (type) => {
    const paths = [older, newer].map((repository) => pathOf(repository, `${type}_zck`))
    const { stdout } = await runTool("zck_delta_size", paths)
    const [, bytes, all, same, chunks] =
      /Would download (\d+) of (\d+) bytes\s+Matched (\d+) of (\d+) chunks/.exec(stdout)?.map(Number) ?? []
    // the dictionary, which is empty, is one of them
    expect(chunks).toBe(textsOf(newer, `${type}_zck`).length + 1)
    expect(same).toBe((chunks ?? 0) - 1)
    expect(bytes).toBeLessThan((all ?? 0) / 2)
  })

  describe("from a web server", () => {
    let server: Awaited<ReturnType<typeof rangeServer>>
    beforeAll(async () => {
      server = await rangeServer(join(newer, "repodata"))
    })
    afterAll(() => server?.close())

    it.each(types)("fetch little of %s where they have the version before", async (type) => {
      const name = basename(pathOf(newer, `${type}_zck`))
      const into = join(folder, type)
      mkdirSync(into)
      await runTool("zckdl", ["-s", pathOf(older, `${type}_zck`), server.url(name)], { cwd: into })
      const sent = server.takeSent()
      const fetched = readFileSync(join(into, name))
      expect(fetched.equals(readFileSync(pathOf(newer, `${type}_zck`)))).toBe(true)
      // of the body the one chunk that changed, which has less than 1 KiB
      const { headerSize = 0 } = recordOf(newer, `${type}_zck`)
      expect(sent).toBeGreaterThan(headerSize)
      expect(sent).toBeLessThan(headerSize + 1024)
      expect(sent).toBeLessThan(fetched.length / 2)
    })
  })
})

describeWithTools("createrepo_c")("createrepo_c", () => {
  const makers = createrepoCs().map((tool) => [tool.version, tool] as const)

  it.each(makers)(
    "%s cuts the packages as we do, but for source packages, into the same records",
    async (version, tool) => {
      const output = join(folder, `createrepo_c-${version}`)
      mkdirSync(output)
      const options = ["--quiet", "--no-database", "--zck", "-g", "comps.xml", "-o", output]
      await runTool(tool.path, [...options, ...(tool.knowsZstd ? ["--compatibility"] : []), rig.directory])
      expect(cutsOf(output)).toEqual(cutsOf(withDictionaries))
      const namesOf = (repository: string) =>
        ["primary_zck", "filelists_zck", "other_zck", "group_zck"].map((type) => {
          const { href, ...facts } = recordOf(repository, type)
          return [href.replace(/[0-9a-f]{64}/, ""), ...Object.keys(facts).sort()]
        })
      expect(namesOf(output)).toEqual(namesOf(newer))
    }
  )

  it.each(makers.filter(([, { python }]) => python !== undefined))(
    "%s reads a repository that has zchunk files",
    async (_, { python }) => {
      const { packages, records } = await readWithLibrary(python ?? "", newer)
      expect(packages.map(({ href }) => href).sort()).toEqual(["hello.rpm", ...names].sort())
      expect(records).toContain("primary_zck")
    }
  )
})

describeWithTools("dnf", "rpm")("dnf", () => {
  it("reads the compressed files of a repository that has zchunk files too", async () => {
    const dnf = dnfIn(join(folder, "dnf"))
    const repository = { path: newer, arch: "x86_64", platform: "platform:el9" }
    const files = ["hello.rpm", ...names].map((name) => join(rig.directory, name))
    expect(await dnf.nevras(repository)).toEqual(await rpmNevras(files))
  })
})

/** The packages of each chunk of other.xml, but for source packages, of which createrepo_c puts many in one. */
const cutsOf = (repository: string): ReadonlyArray<ReadonlyArray<string>> =>
  textsOf(repository, "other_zck")
    .map((text) =>
      [...text.matchAll(/<package pkgid="[^"]*" name="([^"]*)" arch="([^"]*)"/g)].flatMap(([, name, arch]) =>
        arch === "src" ? [] : [`${name}.${arch}`]
      )
    )
    .filter((packages) => packages.length > 0)
