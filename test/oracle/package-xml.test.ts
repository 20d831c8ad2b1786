import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Either } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type PackageFragments, packageFragments } from "../../src/repodata/package-fragments.ts"
import { fillPrimary } from "../../src/repodata/primary.ts"
import { type PackageHead, readPackageHead } from "../../src/rpm/package-head.ts"
import { describeWithShared, describeWithTools, sharedPath } from "../kit/oracle.ts"
import {
  elementKinds,
  elementsOf,
  withoutPre,
  withoutRepeatedProvides,
  withRawAttributes
} from "../kit/package-elements.ts"
import { realPackages } from "../rpm/real-packages.ts"

/**
 * Compares our package elements with createrepo_c's on all real packages: every createrepo_c on PATH is asked.
 * The elements are equal byte for byte but for these deliberate differences:
 *
 * 1. Packages with a control character in a printed text are dropped by createrepo_c. We list them, with U+FFFD in its
 *    place, and warn: one bad changelog entry should not take a package away from its users.
 * 2. `time/@file` is not the package's own fact; the comparison takes createrepo_c's.
 * 3. Non-ASCII characters in attributes are written raw, as with libxml2 2.14 and newer; with older ones createrepo_c
 *    writes character references. Both are the same XML.
 * 4. `pre="1"` stands also for POSTTRANS and PRETRANS requirements, as in createrepo_c 1.1.1 and newer. Older ones also
 *    tell repetitions of a requirement apart by their narrower idea of it, so there the entries are compared as a set.
 * 5. A v3 package that provides itself already is not given that entry again. librpm 4.18 overlooks it (4.14 does not).
 */
const executables = (process.env["PATH"] ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "createrepo_c"))
  .filter((path, at, all) => existsSync(path) && all.indexOf(path) === at)
  .map((path) => {
    const [, version = "0"] = /Version: (\S+)/.exec(execFileSync(path, ["--version"], { encoding: "utf8" })) ?? []
    return { path, version }
  })

const isOld = (version: string) => /^(0|1\.0|1\.1\.0)(\.|$)/.test(version)

interface OurPackage {
  readonly file: string
  readonly link: string
  readonly checksum: string
  readonly head: PackageHead
  readonly fragments: PackageFragments
}

const packages = realPackages()
const readable: ReadonlyArray<OurPackage> = packages.flatMap(({ file, bytes }, number) => {
  const content = bytes()
  const head = readPackageHead(content)
  if (Either.isLeft(head)) return []
  const checksum = createHash("sha256").update(content).digest("hex")
  const whole = { checksumType: "sha256", checksum, size: content.length } as const
  const fragments = packageFragments(head.right, whole, { changelogLimit: 10 })
  return [{ file, link: `${number}.rpm`, checksum, head: head.right, fragments }]
})

const hasTransactionRequires = ({ head }: OurPackage) => head.main.numbers(1048).some((flags) => (flags & 0xa0) !== 0)

describeWithShared("rpms", "INDEX.tsv")("package elements", () => {
  describeWithTools("createrepo_c")("have a createrepo_c to be compared with", () => {
    it("on PATH", () => {
      expect(executables).not.toEqual([])
    })
  })

  describe.skipIf(executables.some(({ version }) => !isOld(version)))(
    "compared with createrepo_c 1.1.1 or newer",
    () => {
      it.skip("are not, for there is none on PATH", () => undefined)
    }
  )

  for (const { path, version } of executables) {
    describe(`compared with createrepo_c ${version}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "distgraph-xml-"))
      const elements = { primary: new Map(), filelists: new Map(), other: new Map() } satisfies Record<
        (typeof elementKinds)[number],
        Map<string, string>
      >

      beforeAll(() => {
        packages.forEach(({ file }, number) => {
          symlinkSync(sharedPath("rpms", file), join(folder, `${number}.rpm`))
        })
        const common = ["--quiet", "--no-database", "--simple-md-filenames"]
        const gzip = version.startsWith("0.") ? [] : ["--general-compress-type", "gz"]
        // newer ones exit 2 because of the broken packages among these
        try {
          execFileSync(path, [...common, ...gzip, folder], { stdio: "ignore" })
        } catch {}
        for (const kind of elementKinds) {
          const document = gunzipSync(readFileSync(join(folder, "repodata", `${kind}.xml.gz`))).toString("utf8")
          for (const element of elementsOf(document).elements) {
            const [, key = ""] = /<location href="([^"]*)"|pkgid="([0-9a-f]+)"/.exec(element)?.filter(Boolean) ?? []
            elements[kind].set(key, withRawAttributes(element))
          }
        }
      })
      afterAll(() => rmSync(folder, { recursive: true }))

      it("are there for every package, and createrepo_c misses only those with control characters", () => {
        const missing = readable.filter(({ link }) => !elements.primary.has(link))
        const warned = readable.filter(({ fragments }) =>
          fragments.warnings.some(({ problem }) => problem === "control character")
        )
        expect(missing.map(({ file }) => file)).toEqual(warned.map(({ file }) => file))
        expect(elements.primary.size).toBe(readable.length - missing.length)
        expect(elements.primary.size).toBe(376)
      })

      it("are equal in primary.xml", () => {
        for (const ours of readable) {
          const theirs: string | undefined = elements.primary.get(ours.link)
          if (theirs === undefined) continue
          const timeFile = Number(/<time file="(\d+)"/.exec(theirs)?.[1])
          const filled = Buffer.concat(fillPrimary(ours.fragments.primary, { timeFile, href: ours.link }))
          const xml = Buffer.from(filled).toString("utf8")
          const same = (text: string) => {
            const comparable = ours.head.main.hasRegion ? text : withoutRepeatedProvides(text)
            return isOld(version) && hasTransactionRequires(ours) ? withoutPre(comparable) : comparable
          }
          expect(`${ours.file}\n${same(xml)}`).toBe(`${ours.file}\n${same(theirs)}`)
        }
      })

      it.each(["filelists", "other"] as const)("are equal in %s.xml", (kind) => {
        for (const { file, link, checksum, fragments } of readable) {
          if (!elements.primary.has(link)) continue
          const xml = Buffer.from(fragments[kind]).toString("utf8")
          expect(`${file}\n${xml}`).toBe(`${file}\n${elements[kind].get(checksum)}`)
        }
      })
    })
  }
})
