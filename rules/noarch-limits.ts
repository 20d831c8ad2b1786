import { Effect, Either, Schema } from "effect"
import {
  accident,
  action,
  type BlobCodec,
  DigestOf,
  ExternalFile,
  ExternalFiles,
  needAll,
  plan,
  readBlob,
  writeBlob
} from "../graph/index.ts"
import { nvra } from "../src/rpm/nevra.ts"
import { Tag } from "../src/rpm/tags.ts"
import { lines } from "./lines.ts"
import { readHead } from "./package-head-reader.ts"
import { TaggedChunk } from "./rpm-row.ts"
import { Snapshot, SnapshotDigest } from "./snapshot.ts"

/** For which arches a build's source package says that it is, and is not. */
const ArchLimits = Schema.Struct({ exclusive: Schema.Array(Schema.String), exclude: Schema.Array(Schema.String) })

/** A build that is not for all arches. */
export interface LimitedBuild extends Schema.Schema.Type<typeof ArchLimits> {
  readonly buildId: number
}

/** The builds of a tag that are not for all arches. */
export const LimitedBuilds: BlobCodec<ReadonlyArray<LimitedBuild>> = lines({
  name: "limited-builds",
  lineOf: ({ buildId, exclude, exclusive }: LimitedBuild) => `${buildId}\t${exclusive.join(" ")}\t${exclude.join(" ")}`,
  rowOf: (line) => {
    const [buildId, exclusive = "", exclude = ""] = line.split("\t")
    return { buildId: Number(buildId), exclusive: wordsOf(exclusive), exclude: wordsOf(exclude) }
  }
})

/** Whether a noarch package of a build belongs in a repository, whose own arch is among these. */
export const isForArches = ({ exclude, exclusive }: LimitedBuild, arches: ReadonlyArray<string>): boolean => {
  // that a source may be built as noarch says nothing of where it is wanted
  const only = exclusive.filter((arch) => arch !== "noarch")
  const isFor = (arch: string) => arch !== "noarch" && arches.includes(arch)
  return !exclude.some(isFor) && (only.length === 0 || only.some(isFor))
}

const SourceArches = action("source-arches", {
  version: 1,
  input: Schema.Struct({ package: Schema.String, file: ExternalFile }),
  output: ArchLimits,
  label: (input) => input.package,
  cost: () => 0.2,
  run: ({ file }) =>
    Effect.gen(function* () {
      const files = yield* ExternalFiles
      const limits = yield* files.withFile(file, (open) =>
        Either.map(readHead(open).head, ({ main }) => ({
          exclusive: main.strings(Tag.exclusiveArch),
          exclude: main.strings(Tag.excludeArch)
        }))
      )
      if (Either.isRight(limits)) return limits.right
      const [path] = yield* files.paths([file])
      return yield* accident(`the source package ${path} cannot be read: ${limits.left.reason}`)
    })
})

const SourceArchesChunk = plan("source-arches-chunk", {
  version: 1,
  needs: [SourceArches],
  input: Schema.Struct({ chunk: DigestOf(TaggedChunk), first: Schema.String }),
  output: Schema.Array(Schema.Struct({ buildId: Schema.Int, ...ArchLimits.fields })),
  label: ({ first }) => first,
  run: ({ chunk }) =>
    Effect.gen(function* () {
      const sources = (yield* readBlob(TaggedChunk, chunk)).filter(({ arch }) => arch === "src" || arch === "nosrc")
      const limits = yield* needAll(
        SourceArches,
        sources.map((rpm) => ({ package: nvra(rpm), file: rpm.primary }))
      )
      return limits.flatMap(({ exclude, exclusive }, index) => {
        const buildId = sources[index]?.buildId
        return buildId === undefined || exclude.length + exclusive.length === 0 ? [] : [{ buildId, exclude, exclusive }]
      })
    })
})

/** Which of a tag's builds are not for all arches, as their source packages say: `ExclusiveArch` and `ExcludeArch`. Koji ignores them. */
export const NoarchLimits = plan("noarch-limits", {
  version: 1,
  needs: [SourceArchesChunk],
  input: Schema.Struct({ snapshot: SnapshotDigest }),
  output: DigestOf(LimitedBuilds),
  label: () => "",
  run: ({ snapshot }) =>
    Effect.gen(function* () {
      const list = yield* readBlob(Snapshot, snapshot)
      const builds = yield* needAll(
        SourceArchesChunk,
        list.map(({ chunk, first }) => ({ chunk, first }))
      )
      return yield* writeBlob(
        LimitedBuilds,
        builds.flat().toSorted((a, b) => a.buildId - b.buildId)
      )
    })
})

const wordsOf = (text: string): ReadonlyArray<string> => text.split(" ").filter((word) => word !== "")
