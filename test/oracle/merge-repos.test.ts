import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { FastCheck as fc } from "effect"
import { afterAll, expect, it } from "vitest"
import { type MergeMode, type MergePackage, mergeRepos } from "../../src/koji/merge-repos.ts"
import { closing, opening } from "../../src/repodata/documents.ts"
import { nvra } from "../../src/rpm/nevra.ts"
import { describeWithTools } from "../kit/oracle.ts"

/** Has mergerepo_c, as Koji's builder runs it, merge generated repositories, and decides over the same packages. */

const folder = mkdtempSync(join(tmpdir(), "distgraph-merge-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options: Readonly<Record<MergeMode, ReadonlyArray<string>>> = {
  koji: ["--koji", "-b", "blocked"],
  simple: ["--koji", "--simple", "-b", "blocked"],
  bare: ["--pkgorigins", "--all"]
}

type Repos = ReadonlyArray<ReadonlyArray<MergePackage>>

/** What the tool makes: each package's place, and the origins, in no order. */
const mergedByTool = (repos: Repos, mode: MergeMode, arch: string, blocked: ReadonlyArray<string>) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [index, packages] of repos.entries()) writeRepo(join(folder, `r${index}`), packages)
  writeFileSync(join(folder, "blocked"), blocked.map((name) => `${name}\n`).join(""))
  const urls = repos.flatMap((_, index) => ["-r", `file://${folder}/r${index}/`])
  const args = [...options[mode], "-a", arch, "--arch-expand", "-d", "-o", "out", ...urls]
  execFileSync("mergerepo_c", args, { cwd: folder, stdio: "ignore" })
  const primary = fileOf("primary.xml.gz")
  return {
    places: [...primary.matchAll(/<location (?:xml:base="([^"]*)" )?href="([^"]*)"/g)]
      .map(([, base, href]) => `${base ?? `file://${folder}/r0`}/${href}`)
      .sort(),
    origins: fileOf("pkgorigins.gz").split("\n").slice(0, -1).sort()
  }
}

const mergedHere = (repos: Repos, mode: MergeMode, arch: string, blocked: ReadonlyArray<string>) => {
  const url = (repo: number) => `file://${folder}/r${repo}/`
  const merged = mergeRepos(repos, { mode, arch, blocked: new Set(blocked) })
  const at = (repo: number, index: number) => {
    const found = repos[repo]?.[index]
    if (found === undefined) throw new Error("no such package")
    return found
  }
  return {
    places: merged.map(({ index, repo }) => `${url(repo)}${href(at(repo, index))}`).sort(),
    origins: merged
      .flatMap(({ index, origin, repo }) => (origin ? [`${nvra(at(repo, index))}\t${url(repo)}`] : []))
      .sort()
  }
}

describeWithTools("mergerepo_c")("a merge of repositories", () => {
  it.each(["koji", "simple", "bare"] as const)("is mergerepo_c's in mode %s", { timeout: 120_000 }, (mode) => {
    fc.assert(
      fc.property(repositories, fc.constantFrom("x86_64", "src"), (repos, arch) => {
        expect(mergedHere(repos, mode, arch, ["blocked"])).toEqual(mergedByTool(repos, mode, arch, ["blocked"]))
      }),
      { numRuns: 40 }
    )
  })

  it("takes in the arches that mergerepo_c does", { timeout: 120_000 }, () => {
    const all = manyArches.map((arch) => ({
      ...{ name: "a", epoch: "0", version: "1", release: "1", sourceRpm: "a-1-1.src.rpm" },
      arch
    }))
    for (const arch of ["i386", "x86_64", "ppc64", "ppc64le", "s390x", "sparc", "sparc64", "alpha", "arm", "armhfp"]) {
      expect(mergedHere([all], "koji", arch, [])).toEqual(mergedByTool([all], "koji", arch, []))
    }
    for (const arch of ["ppc", "s390", "sh4", "aarch64", "riscv64", "src"]) {
      expect(mergedHere([all], "koji", arch, [])).toEqual(mergedByTool([all], "koji", arch, []))
    }
  })
})

const href = (package_: MergePackage): string => `${package_.epoch}/${nvra(package_)}.rpm`

/** Few names and versions, so that packages meet; no two of a repository that only rpm's own comparison takes for equal. */
const package_: fc.Arbitrary<MergePackage> = fc
  .record({
    name: fc.constantFrom("a", "b", "b-devel"),
    epoch: fc.constantFrom("0", "1"),
    version: fc.constantFrom("1", "1.5", "1.10", "2~rc1", "2"),
    release: fc.constantFrom("1", "2"),
    arch: fc.constantFrom("x86_64", "i686", "noarch", "aarch64", "src"),
    source: fc.constantFrom("a", "b", "blocked", "odd-one", "", "none")
  })
  .map(({ source, ...package_ }) => ({ ...package_, sourceRpm: sourceRpm(source, package_) }))

const sourceRpm = (source: string, { version, release }: { readonly version: string; readonly release: string }) =>
  source === "none" ? "(none)" : source === "" ? "" : `${source}-${version}-${release}.src.rpm`

/** Of two packages of one N-V-R.A in one repository mergerepo_c keeps the one that comes first in a hash table: there are none. */
const repositories: fc.Arbitrary<Repos> = fc.array(
  fc.uniqueArray(package_, { selector: nvra, minLength: 1, maxLength: 8 }),
  { minLength: 1, maxLength: 3 }
)

const manyArches = [
  ...["i386", "i486", "i586", "geode", "i686", "athlon", "ia32e", "amd64", "x86_64", "ia64", "noarch", "src", "nosrc"],
  ...["ppc", "ppc64", "ppc64le", "ppc64p7", "ppc64pseries", "ppc64iseries", "s390", "s390x", "aarch64", "riscv64"],
  ...["sparc", "sparcv8", "sparcv9", "sparcv9v", "sparcv9v2", "sparc64", "sparc64v", "sparc64v2", "sh3", "sh4", "sh4a"],
  ...["alpha", "alphaev4", "alphaev45", "alphaev5", "alphaev56", "alphapca56", "alphaev6", "alphaev67", "alphaev68"],
  ...["alphaev7", "arm", "armv4l", "armv5tel", "armv5tejl", "armv6l", "armv6hl", "armv7l", "armv7hl", "armv7hnl"]
]

const fileOf = (name: string): string => {
  const repomd = readFileSync(join(folder, "out/repodata/repomd.xml"), "utf8")
  const [, path = ""] = new RegExp(`href="([^"]*-${name.replaceAll(".", "\\.")})"`).exec(repomd) ?? []
  return gunzipSync(readFileSync(join(folder, "out", path))).toString()
}

const writeRepo = (path: string, packages: ReadonlyArray<MergePackage>): void => {
  mkdirSync(join(path, "repodata"), { recursive: true })
  const elements = packages.map((package_) => elementsOf(package_, path))
  const records = (["primary", "filelists", "other"] as const).map((kind) => {
    const text = Buffer.concat([
      opening(kind, packages.length),
      Buffer.from(elements.map((element) => element[kind]).join("")),
      closing(kind)
    ])
    const file = gzipSync(text)
    writeFileSync(join(path, "repodata", `${kind}.xml.gz`), file)
    return `<data type="${kind}"><checksum type="sha256">${sha256(file)}</checksum><location href="repodata/${kind}.xml.gz"/></data>`
  })
  const repomd = `<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>${records.join("")}</repomd>`
  writeFileSync(join(path, "repodata/repomd.xml"), repomd)
}

const elementsOf = (package_: MergePackage, path: string) => {
  const { arch, epoch, name, release, sourceRpm, version } = package_
  const pkgid = sha256(Buffer.from(`${path} ${JSON.stringify(package_)}`))
  const evr = `<version epoch="${epoch}" ver="${version}" rel="${release}"/>`
  const list = `<package pkgid="${pkgid}" name="${name}" arch="${arch}">${evr}</package>\n`
  return {
    primary: `<package type="rpm"><name>${name}</name><arch>${arch}</arch>${evr}<checksum type="sha256" pkgid="YES">${pkgid}</checksum><time file="1" build="1"/><location href="${href(package_)}"/><format><rpm:sourcerpm>${sourceRpm}</rpm:sourcerpm></format></package>\n`,
    filelists: list,
    other: list
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
