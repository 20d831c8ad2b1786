import { Effect, Schema } from "effect"
import { DigestOf, need, needAll, type OutputOf, plan } from "../graph/index.ts"
import { debugFolder } from "../src/koji/topdir.ts"
import { debugPrefix, SplitDebuginfo } from "./debug-layout.ts"
import { DebuginfoSplit } from "./debuginfo-split.ts"
import { DeltaRequest, ImpossibleDelta } from "./deltas.ts"
import { Directory } from "./directory.ts"
import { Groundwork } from "./groundwork.ts"
import { rowsFor } from "./metadata-files.ts"
import { PackageWarning } from "./metadata-run.ts"
import { Repodata, RepodataOptions } from "./repodata.ts"
import { ChosenListDigest } from "./signed-lookup.ts"
import { Stamp } from "./snapshot.ts"
import { Tree } from "./tree.ts"

/** How an arch's rpms become a repository. */
export const RepositoryOptions = {
  ...RepodataOptions,
  /** Debug information gets a repository of its own, in the folder `debug`. */
  splitDebuginfo: SplitDebuginfo
}

/** The repository of one arch, from its rpms to its directory. */
export const Repository = plan("repository", {
  version: 4,
  needs: [DebuginfoSplit, Groundwork, Repodata, Tree],
  input: Schema.Struct({
    arch: Schema.String,
    set: ChosenListDigest,
    topdir: Schema.String,
    stamp: Stamp,
    deltas: Schema.optionalWith(DeltaRequest, { exact: true }),
    ...RepositoryOptions
  }),
  output: Schema.Struct({
    tree: DigestOf(Directory),
    /** How many packages are in it, those of debug information among them. */
    rpms: Schema.Int,
    impossibleDeltas: Schema.optionalWith(Schema.Array(ImpossibleDelta), { exact: true }),
    warnings: Schema.Array(PackageWarning),
    /** What of the files that it was given does not fit it; that of debug information is told no more of. */
    fileWarnings: Schema.Array(Schema.String)
  }),
  label: ({ arch }) => arch,
  run: ({ arch, set, splitDebuginfo, topdir, ...options }) =>
    Effect.gen(function* () {
      const { debug, main } =
        splitDebuginfo === undefined ? { debug: null, main: set } : yield* need(DebuginfoSplit, { set })
      const { debugPackages, debugPkglist, kojipkgs, packages, pkglist } = yield* need(Groundwork, {
        arch,
        all: set,
        topdir,
        ...(debug === null || splitDebuginfo === undefined ? {} : { splitDebuginfo }),
        ...options,
        set: main,
        ...rowsFor(options)
      })
      const hrefs = splitDebuginfo === "koji" ? { prefix: debugPrefix(splitDebuginfo) } : {}
      const parts = yield* needAll(Repodata, [
        { name: "", set: main, ...options },
        ...(debug === null ? [] : [{ name: debugFolder, set: debug, ...options, ...hrefs }])
      ])
      const [whole, apart] = parts
      if (whole === undefined) return yield* Effect.dieMessage("a repository without repodata")
      const tree = yield* need(Tree, {
        kojipkgs,
        packages,
        pkglist,
        ...metadataOf(whole),
        ...(apart === undefined || debugPkglist === undefined
          ? {}
          : {
              debug: {
                pkglist: debugPkglist,
                ...(debugPackages === undefined ? {} : { packages: debugPackages }),
                ...metadataOf(apart)
              }
            })
      })
      return {
        tree,
        rpms: parts.reduce((sum, { rpms }) => sum + rpms, 0),
        ...(options.deltas === undefined
          ? {}
          : { impossibleDeltas: parts.flatMap(({ impossibleDeltas = [] }) => impossibleDeltas) }),
        warnings: parts.flatMap(({ warnings }) => warnings),
        fileWarnings: whole.fileWarnings
      }
    })
})

/** What a part of the tree has beside its packages. */
const metadataOf = ({ drpms, repodata }: OutputOf<typeof Repodata>) => ({
  repodata,
  ...(drpms === undefined ? {} : { drpms })
})
