import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Either } from "effect"
import { type Digest, makeDigest } from "../../graph/index.ts"
import type { TaggedRpm } from "../../rules/rpm-row.ts"
import { SignedLookup } from "../../rules/signed-lookup.ts"
import { isSourcePackage, sourceRpm } from "../../src/rpm/merged-view.ts"
import { nevraOf, parseNvra } from "../../src/rpm/nevra.ts"
import { readPackageHead } from "../../src/rpm/package-head.ts"
import { sigmd5Of } from "../../src/rpm/signature.ts"
import { Tag } from "../../src/rpm/tags.ts"
import type { engineKit } from "../kit/engine-kit.ts"
import { type FixtureCopy, fixture, fixtureKeys, fixtureNames } from "../kit/fixtures.ts"
import { snapshotOf } from "./rows.ts"

/** All fixture packages as a source would list them, with their copies signed by keys A and B, in no published order. */
export const fixtureRows = (): ReadonlyArray<TaggedRpm> =>
  fixtureNames("unsigned").map((file, index) => {
    const path = fixture("unsigned", file)
    const head = Either.getOrThrow(readPackageHead(readFileSync(path)))
    const nevra = Either.getOrThrow(nevraOf(head))
    const source = isSourcePackage(head) ? nevra : Either.getOrThrow(parseNvra(sourceRpm(head) ?? ""))
    const primary = digestOfFile(path)
    return {
      ...nevra,
      id: index + 1,
      buildId: 100,
      build: { name: source.name, version: source.version, release: source.release },
      payloadhash: sigmd5Of(head),
      size: Number(primary.split("/")[1]),
      buildtime: head.main.number(Tag.buildTime) ?? 0,
      primary,
      signatures: [
        { sigkey: "", copy: null },
        ...copies.flatMap(({ copy, sigkey }) =>
          fixtureNames(copy).includes(file) ? [{ sigkey, copy: digestOfFile(fixture(copy, file)) }] : []
        )
      ]
    }
  })

/** The fixtures that a repository of an arch would have, or those of other rows, each as the wanted keys signed it. */
export const fixtureSet = async (
  kit: ReturnType<typeof engineKit>,
  {
    keys = [fixtureKeys.a, fixtureKeys.b],
    rows = fixtureRows(),
    rpmArches = ["x86_64", "noarch"]
  }: {
    readonly keys?: ReadonlyArray<string>
    readonly rows?: ReadonlyArray<TaggedRpm>
    readonly rpmArches?: ReadonlyArray<string>
  } = {}
) => {
  const snapshot = snapshotOf(kit, rows)
  return (await kit.want(SignedLookup, { snapshot, keys, missingSignatures: "allow", rpmArches })).chosen
}

/** Where the fixture package of a digest lies. */
export const fixturePath = (digest: Digest): string | undefined => paths().get(digest)

const digestOfFile = (path: string): Digest => {
  const bytes = readFileSync(path)
  return makeDigest(createHash("sha256").update(bytes).digest("hex"), bytes.length)
}

const copies = [
  { copy: "key-a", sigkey: fixtureKeys.a },
  { copy: "key-b", sigkey: fixtureKeys.b }
] as const

let known: ReadonlyMap<Digest, string> | undefined

const paths = (): ReadonlyMap<Digest, string> => {
  const all: ReadonlyArray<FixtureCopy> = ["unsigned", "key-a", "key-b"]
  known ??= new Map(
    all
      .flatMap((copy) => fixtureNames(copy).map((name) => fixture(copy, name)))
      .map((path) => [digestOfFile(path), path])
  )
  return known
}
