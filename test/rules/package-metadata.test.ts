import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Digest, digestOf, hashOf, sizeOf } from "../../graph/index.ts"
import { Fragments, PackageMetadata } from "../../rules/package-metadata.ts"
import { SignatureTag, Tag } from "../../src/rpm/tags.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"
import { bin, i18n, int16, int32, packageBytes, string, strings } from "../rpm/package-builder.ts"
import { fixturePath, fixtureRows } from "./fixture-rows.ts"

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-packages-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rows = fixtureRows()
const row = (nvra: string) => {
  const found = rows.find(({ arch, name, release, version }) => `${name}-${version}-${release}.${arch}` === nvra)
  if (found === undefined) throw new Error(`no fixture is ${nvra}`)
  return found
}
const doc = row("greet-doc-2.0-3.noarch")
const inputOf = (file: Digest, rpm = doc) => ({
  package: "a package",
  file,
  sigmd5: rpm.payloadhash,
  signedWith: null,
  changelogLimit: 10
})

/** A kit whose only external file is this one, whatever it is asked for. */
const kitOver = (path: string) => engineKit({ path: () => path })

const written = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** Reads a package of these bytes, of which the source recorded the right digest and SIGMD5. */
const read = (name: string, bytes: Uint8Array, sigmd5 = "") =>
  kitOver(written(name, bytes)).want(PackageMetadata, {
    package: name,
    file: digestOf(bytes),
    sigmd5,
    signedWith: null,
    changelogLimit: 10
  })

const md5 = "00112233445566778899aabbccddeeff"
const main = [
  string(Tag.name, "odd"),
  string(Tag.version, "1"),
  string(Tag.release, "1"),
  string(Tag.arch, "noarch"),
  string(Tag.sourceRpm, "odd-1-1.src.rpm")
]
const signature = [bin(SignatureTag.md5, Buffer.from(md5, "hex"))]

describe("package-metadata", () => {
  it("reads every fixture package, and says which key signed it", async () => {
    const kit = engineKit({ path: fixturePath })
    for (const rpm of rows) {
      const copies = [{ sigkey: "", copy: rpm.primary }, ...rpm.signatures.filter(({ copy }) => copy !== null)]
      for (const { copy, sigkey } of copies) {
        if (copy === null) continue
        expect(await kit.want(PackageMetadata, { ...inputOf(copy, rpm), signedWith: sigkey })).toMatchObject({
          _tag: "Good",
          warnings: []
        })
      }
    }
    expect(kit.ran().filter((node) => node.startsWith("package-metadata"))).toHaveLength(
      fixtureNames("unsigned").length + fixtureNames("key-a").length + fixtureNames("key-b").length
    )
  })

  it("lists the copy's own checksum and size: signed and unsigned copies differ in nothing else", async () => {
    const kit = engineKit({ path: fixturePath })
    const primaryOf = async (file: Digest) => {
      const output = await kit.want(PackageMetadata, inputOf(file))
      if (output._tag !== "Good") throw new Error(output.reason)
      return kit.read(Fragments, output.fragments).primary.map((piece) => Buffer.from(piece).toString())
    }
    const signed = doc.signatures.find(({ sigkey }) => sigkey === fixtureKeys.a)?.copy ?? doc.primary
    expect(signed).not.toBe(doc.primary)
    const [unsignedText, signedText] = [await primaryOf(doc.primary), await primaryOf(signed)]
    expect(unsignedText[0]).toContain(`<checksum type="sha256" pkgid="YES">${hashOf(doc.primary)}</checksum>`)
    expect(unsignedText[1]).toContain(`<size package="${sizeOf(doc.primary)}"`)
    const neutral = (pieces: ReadonlyArray<string>) =>
      pieces
        .join("")
        .replace(/[0-9a-f]{64}/, "")
        .replace(/size package="\d+"/, "")
        .replace(/header-range start="\d+" end="\d+"/, "")
    expect(neutral(signedText)).toBe(neutral(unsignedText))
  })

  it("keeps so many of the newest changelog entries", async () => {
    const kit = engineKit({ path: fixturePath })
    const hello = row("hello-1.1-1.x86_64")
    const entries = async (changelogLimit: number) => {
      const output = await kit.want(PackageMetadata, { ...inputOf(hello.primary, hello), changelogLimit })
      if (output._tag !== "Good") throw new Error(output.reason)
      return Buffer.from(kit.read(Fragments, output.fragments).other).toString().split("<changelog ").length - 1
    }
    expect(await entries(0)).toBe(0)
    expect(await entries(1)).toBe(1)
    expect(await entries(10)).toBe(3) // rpm -qp --changelog counts three
  })

  it("keeps a package whose text XML cannot hold, with a warning that names the field", async () => {
    const bytes = packageBytes({ main: [...main, i18n(Tag.summary, "rings a \u0007bell")], signature })
    const path = written("bell.rpm", bytes)
    const kit = kitOver(path)
    const output = await kit.want(PackageMetadata, {
      package: "odd-1-1.noarch",
      file: digestOf(bytes),
      sigmd5: md5,
      signedWith: null,
      changelogLimit: 10
    })
    expect(output).toMatchObject({
      _tag: "Good",
      warnings: [{ field: "summary", problem: "control character" }]
    })
    if (output._tag !== "Good") return
    expect(Buffer.from(kit.read(Fragments, output.fragments).primary[0]).toString()).toContain("rings a \ufffdbell")
  })

  it("reads on where the head is longer than the first read", async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `file-${index}`)
    const bytes = packageBytes({
      main: [
        ...main,
        strings(Tag.baseNames, ...names),
        strings(Tag.dirNames, "/opt/"),
        int32(Tag.dirIndexes, ...names.map(() => 0)),
        int32(Tag.fileFlags, ...names.map(() => 0)),
        int16(Tag.fileModes, ...names.map(() => 0o100644)),
        strings(Tag.fileDigests, ...names.map(() => ""))
      ],
      signature
    })
    expect(bytes.length).toBeGreaterThan(64 * 1024)
    const kit = kitOver(written("long.rpm", bytes))
    const output = await kit.want(PackageMetadata, {
      package: "odd-1-1.noarch",
      file: digestOf(bytes),
      sigmd5: md5,
      signedWith: null,
      changelogLimit: 10
    })
    if (output._tag !== "Good") throw new Error(output.reason)
    expect(Buffer.from(kit.read(Fragments, output.fragments).filelists).toString()).toContain("/opt/file-4999<")
  })
})

describe("what is no package", () => {
  it("is broken, which is a result", async () => {
    const kit = kitOver(written("text.rpm", Buffer.from("not a package at all, but long enough for a lead".repeat(9))))
    const bytes = readFileSync(join(folder, "text.rpm"))
    const input = { package: "text", file: digestOf(bytes), sigmd5: "", signedWith: null, changelogLimit: 10 }
    expect(await kit.want(PackageMetadata, input)).toMatchObject({ _tag: "Broken" })
    kit.ran()
    expect(await kit.want(PackageMetadata, input)).toMatchObject({ _tag: "Broken" })
    expect(kit.ran()).toEqual([])
  })

  it("is broken however short it is", async () => {
    const whole = readFileSync(fixture("unsigned", "hello-1.0-1.x86_64.rpm"))
    for (const length of [0, 1, 95, 96, 100, 112, 500, 2000]) {
      expect(await read(`short-${length}.rpm`, whole.subarray(0, length))).toMatchObject({ _tag: "Broken" })
    }
  })

  it("is broken where its headers claim more than a package can have", async () => {
    const whole = Buffer.from(readFileSync(fixture("unsigned", "hello-1.0-1.x86_64.rpm")))
    whole.writeUInt32BE(0x7fffffff, 96 + 8)
    expect(await read("claims.rpm", whole)).toMatchObject({ _tag: "Broken" })
  })

  it("never crashes the reader, whatever bytes of a package are others", async () => {
    const whole = readFileSync(fixture("key-b", "greet-doc-2.0-3.noarch.rpm"))
    const names: Array<string> = []
    for (let at = 96; at < 6000; at += 97) {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      const name = `flipped-${at}.rpm`
      try {
        names.push((await read(name, bytes, doc.payloadhash))._tag)
      } catch (error) {
        // the MD5 itself was among what changed
        expect(String(error)).toContain("is not the package that was recorded")
      }
    }
    expect(names).toContain("Good")
    expect(names).toContain("Broken")
  })
})

describe("a file that is not what the source recorded", () => {
  const input = inputOf(doc.primary)

  /** The accident's words; that nothing was stored shows in a second run, which reads again. */
  const accidentOver = async (path: string) => {
    const kit = kitOver(path)
    const { message } = await kit.failure(PackageMetadata, input)
    copyFileSync(fixture("unsigned", "greet-doc-2.0-3.noarch.rpm"), path)
    expect(await kit.want(PackageMetadata, input)).toMatchObject({ _tag: "Good" })
    return message
  }

  it("is an accident where its size is another", async () => {
    const bytes = readFileSync(fixture("unsigned", "greet-doc-2.0-3.noarch.rpm"))
    const path = written("shorter.rpm", bytes.subarray(0, bytes.length - 1))
    expect(await accidentOver(path)).toContain(
      `${path} has ${bytes.length - 1} bytes where ${bytes.length} were recorded`
    )
  })

  it("is an accident where its MD5 is another", async () => {
    // another package of the same size
    const bytes = Buffer.alloc(sizeOf(doc.primary))
    readFileSync(fixture("unsigned", "demo-release-42-1.noarch.rpm")).copy(bytes)
    const path = written("other.rpm", bytes)
    expect(await accidentOver(path)).toContain(`${path} is not the package that was recorded (its MD5 is another)`)
  })

  it("is an accident where it is missing", async () => {
    const path = join(folder, "missing.rpm")
    expect(await accidentOver(path)).toContain(`package: ${path} is missing`)
  })

  it("is an accident where the source named no such file", async () => {
    const { message } = await engineKit().failure(PackageMetadata, input)
    expect(message).toContain("no source names the file")
  })
})
