import { Effect, Schema } from "effect"
import { Bytes, DigestOf, need, needAll, plan, writeBlob } from "../graph/index.ts"
import { canonArch } from "../src/koji/arch.ts"
import { multilibPartner } from "../src/koji/multilib.ts"
import { needsArches } from "./additional-files.ts"
import { ArchSet } from "./arch-set.ts"
import { DeltaRequest, ImpossibleDelta } from "./deltas.ts"
import { Directory, type DirectoryEntry } from "./directory.ts"
import { PackageWarning } from "./metadata-run.ts"
import { Addition, Multilib, MultilibLists } from "./multilib.ts"
import { NoarchLimits } from "./noarch-limits.ts"
import { Repository, RepositoryOptions } from "./repository.ts"
import { MissingSignatures, SignedLookup } from "./signed-lookup.ts"
import { SnapshotDigest, Stamp } from "./snapshot.ts"

/** A repository to be made: its canonical arch, the rpm arches that belong in it, and which delta rpms it is to have. */
const RepositoryArch = Schema.Struct({
  arch: Schema.String,
  rpmArches: Schema.Array(Schema.String),
  deltas: Schema.optionalWith(DeltaRequest, { exact: true })
})

/**
 * Exports a tag's content: signed lookup, then for each arch the set of its rpms and its repository. From a snapshot's digest to the
 * directory of each arch; pure, so the same content and options give the same bytes for ever.
 */
export const DistRepo = plan("dist-repo", {
  version: 3,
  needs: [SignedLookup, NoarchLimits, ArchSet, Multilib, Repository],
  input: Schema.Struct({
    snapshot: SnapshotDigest,
    stamp: Stamp,
    /** Lower case, in order of preference. */
    keys: Schema.Array(Schema.String),
    missingSignatures: MissingSignatures,
    arches: Schema.Array(RepositoryArch),
    /** Absolute, for `_pkgpath` in kojipkgs. */
    topdir: Schema.String,
    /** The comps file as it was given, for the folder `groups`. */
    groups: Schema.optionalWith(DigestOf(Bytes), { exact: true }),
    /** Leaves noarch packages out of arches that their source packages exclude. */
    limitNoarch: Schema.optionalWith(Schema.Literal(true), { exact: true }),
    /** Which packages get 32-bit counterparts, where they do. */
    multilib: Schema.optionalWith(DigestOf(MultilibLists), { exact: true }),
    ...RepositoryOptions
  }),
  output: Schema.Struct({
    /** All that is published, but repo.json, which holds the id. */
    root: DigestOf(Directory),
    repositories: Schema.Array(
      Schema.Struct({
        arch: Schema.String,
        tree: DigestOf(Directory),
        rpms: Schema.Int,
        /** Those that are of another word length, and why. */
        multilib: Schema.Array(Addition),
        impossibleDeltas: Schema.optionalWith(Schema.Array(ImpossibleDelta), { exact: true }),
        warnings: Schema.Array(PackageWarning),
        fileWarnings: Schema.Array(Schema.String)
      })
    ),
    /** The rpms that no wanted key has signed: left out or taken as they are, as asked. */
    unsigned: Schema.Array(Schema.Struct({ nvra: Schema.String, available: Schema.Array(Schema.String) }))
  }),
  label: () => "",
  run: ({ arches, groups, keys, limitNoarch, missingSignatures, multilib, snapshot, stamp, topdir, ...options }) =>
    Effect.gen(function* () {
      const rpmArches = [...new Set(arches.flatMap((repository) => repository.rpmArches))].sort()
      const { chosen, unsigned } = yield* need(SignedLookup, { snapshot, keys, missingSignatures, rpmArches })
      const limits = limitNoarch === undefined ? {} : { limits: yield* need(NoarchLimits, { snapshot }) }
      const sets = yield* needAll(
        ArchSet,
        arches.map((repository) => ({ chosen, ...repository, ...limits }))
      )
      const own = arches.map(({ arch }, index) => ({ arch, set: sets[index]?.set ?? chosen }))
      const whole = yield* Effect.forEach(own, ({ arch, set }) => {
        const partner = multilib === undefined ? undefined : multilibPartner(arch)
        const partnerSet = own.find((other) => partner !== undefined && other.arch === canonArch(partner))?.set
        return multilib === undefined || partner === undefined || partnerSet === undefined
          ? Effect.succeed({ set, additions: [] })
          : need(Multilib, { arch, chosen, set, partner, partnerSet, config: multilib, ...options })
      })
      const repositories = yield* needAll(
        Repository,
        whole.map(({ set }, index) => {
          const { arch = "", deltas, rpmArches = [] } = arches[index] ?? {}
          const asked = { ...(deltas === undefined ? {} : { deltas }), ...(needsArches(options) ? { rpmArches } : {}) }
          return { arch, set, topdir, stamp, ...options, ...asked }
        })
      )
      const named = repositories.map((repository, index) => {
        return { arch: arches[index]?.arch ?? "", multilib: whole[index]?.additions ?? [], ...repository }
      })
      const entries = named.map(({ arch, tree }): DirectoryEntry => ({ name: arch, type: "directory", content: tree }))
      if (groups !== undefined) {
        const given: DirectoryEntry = { name: "comps.xml", type: "file", content: groups }
        entries.push({ name: "groups", type: "directory", content: yield* writeBlob(Directory, { entries: [given] }) })
      }
      return { root: yield* writeBlob(Directory, { entries }), repositories: named, unsigned }
    })
})
