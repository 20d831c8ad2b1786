import { Effect, FastCheck as fc } from "effect"
import { Blobs, Bytes, type Digest, digestOf } from "../../graph/index.ts"
import { type ChosenRpm, compareBytes, type TaggedRpm } from "../../rules/rpm-row.ts"
import { type SnapshotDigest, writeSnapshot } from "../../rules/snapshot.ts"
import { fileName, unsafeSegment } from "../../src/rpm/nevra.ts"
import type { engineKit } from "../kit/engine-kit.ts"

/** The digest of a text, where a test needs one of no particular file. */
export const digestFor = (text: string): Digest => digestOf(Buffer.from(text))

/** An rpm of a tag, from what matters to the test. The build is its own unless named; the primary copy is unsigned. */
export const taggedRpm = ({
  arch = "x86_64",
  build,
  keys = {},
  name,
  release = "1",
  version = "1.0",
  ...facts
}: Partial<Omit<TaggedRpm, "build" | "signatures">> & {
  readonly name: string
  readonly build?: Partial<TaggedRpm["build"]>
  /** By key: whether the signed copy was written. */
  readonly keys?: Readonly<Record<string, "written" | "unwritten">>
}): TaggedRpm => {
  const nvra = `${name}-${version}-${release}.${arch}`
  return {
    name,
    version,
    release,
    arch,
    epoch: null,
    id: 7,
    buildId: 3,
    build: { name, version, release, ...build },
    payloadhash: "0123456789abcdef0123456789abcdef",
    size: 4096,
    buildtime: 1_700_000_000,
    primary: digestFor(nvra),
    ...facts,
    signatures: Object.entries(keys)
      .map(([sigkey, copy]) => ({ sigkey, copy: copy === "written" ? digestFor(`${nvra} ${sigkey}`) : null }))
      .sort((a, b) => compareBytes(a.sigkey, b.sigkey))
  }
}

/** An rpm as it was chosen for a repository, signed with a key or not. */
export const chosenRpm = (rpm: Parameters<typeof taggedRpm>[0], sigkey: string | null = "aaaa0001"): ChosenRpm => {
  const { primary, signatures: _, ...facts } = taggedRpm(rpm)
  const file = sigkey === null ? primary : digestFor(`${fileName(facts)} ${sigkey}`)
  return { ...facts, sigkey, file, multilib: false }
}

/** Stores these rows as a source would. */
export const snapshotOf = (
  kit: Pick<ReturnType<typeof engineKit>, "give">,
  rpms: ReadonlyArray<TaggedRpm>
): typeof SnapshotDigest.Type =>
  Effect.runSync(
    Effect.provideService(writeSnapshot(rpms), Blobs, {
      read: () => Effect.dieMessage("a snapshot is written without reading"),
      write: (bytes) => Effect.sync(() => kit.give(Bytes, bytes))
    })
  )

/** Texts that may be a name, a version or a release: what a header may hold and a path may have, however odd. */
export const segments: fc.Arbitrary<string> = fc
  .oneof(
    fc.stringMatching(/^[a-z0-9][a-zA-Z0-9+._~^]{0,8}$/),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    fc.constantFrom("gcc", "gcc-c++", "İstanbul", "ünïcode", "日本", "😀smile", "a b", "=x", "x,y", "1.0~rc1", "1^git1")
  )
  .filter((text) => unsafeSegment(text) === null)

const digests: fc.Arbitrary<Digest> = fc.string({ maxLength: 8 }).map(digestFor)

const sigkeys = fc.oneof(
  fc.constant(""),
  fc.integer({ min: 0, max: 0xffffffff }).map((key) => key.toString(16).padStart(8, "0"))
)

/** Any rpm that a hub could hold. */
export const taggedRpms: fc.Arbitrary<TaggedRpm> = fc.record({
  name: segments,
  version: segments.filter((text) => !text.includes("-")),
  release: segments.filter((text) => !text.includes("-")),
  arch: fc.constantFrom("x86_64", "noarch", "src", "i686"),
  epoch: fc.option(fc.nat()),
  id: fc.nat(),
  buildId: fc.nat(),
  build: fc.record({ name: segments, version: segments, release: segments }),
  payloadhash: fc.constantFrom("0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff"),
  size: fc.nat(),
  buildtime: fc.nat(),
  primary: digests,
  signatures: fc.uniqueArray(fc.record({ sigkey: sigkeys, copy: fc.option(digests) }), {
    maxLength: 3,
    selector: ({ sigkey }) => sigkey
  })
})
