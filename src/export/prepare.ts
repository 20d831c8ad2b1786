import { Effect, Either } from "effect"
import { Bytes, canonicalJson, fingerprint, type InputOf, withBlobs, writeBlob } from "../../graph/index.ts"
import { type Compression, DistRepo } from "../../rules/index.ts"
import { Hub } from "../hub/hub.ts"
import { Source, type TagSnapshot } from "../source/source.ts"
import { storedNames, storeGiven } from "./given-metadata.ts"
import { groupRecords, readGroupFile } from "./group-file.ts"
import { readMultilibFile } from "./multilib-file.ts"
import { type DistRepoRequest, type RequestedArches, requestedArches, taskOptions } from "./request.ts"
import { deltaIdentity, type RequestedDeltas, requestedDeltas } from "./requested-deltas.ts"
import { findSigner } from "./signing-key.ts"
import type { RepoIdentity } from "./standing-repo.ts"
import { zchunkOptions } from "./zchunk-dictionaries.ts"

/**
 * What a request comes to: the tag's content, and the input of the graph. Reads all of the tag where something in the store proved
 * lost, or where a repo is forced by someone who may not trust it; what was given beside it is read, and checked, before.
 */
export const prepare = (request: DistRepoRequest, repair: boolean) =>
  Effect.gen(function* () {
    const source = yield* Source
    const hub = yield* Hub
    const volume = yield* Effect.either(request.volume === null ? Effect.void : hub.volume(request.volume))
    const { additional, ...given } = yield* storeGiven(request.given, request.compression)
    const zchunk = yield* zchunkOptions(request.zchunk, [
      ...(request.comps === null ? [] : [compsName]),
      ...storedNames({ additional, ...given }),
      ...(request.deltaRpms.length === 0 ? [] : ["prestodelta.xml"])
    ])
    const deltas = yield* requestedDeltas(request.deltaRpms)
    const groups = request.comps === null ? undefined : yield* groupsOf(request.comps, request.compression)
    const signer = request.signer === null ? {} : { signer: yield* findSigner(request.signer) }
    const multilib = request.multilib === null ? {} : { multilib: yield* readMultilibFile(request.multilib) }
    const snapshot = yield* source.snapshot(request.tag, request, {
      // the tag and its arches come first, as in Koji
      check: (arches) => Either.andThen(requestedArches(request, arches), volume),
      afresh: repair || request.force
    })
    const arches = yield* requestedArches(request, snapshot.arches)
    const files = [...(groups?.records ?? []), ...additional]
    const options = {
      keys: [...new Set(request.keys.map((key) => key.toLowerCase()))],
      missingSignatures: request.missingSignatures,
      arches: arches.repositories,
      topdir: source.topdir,
      compression: request.compression,
      changelogLimit,
      openChecksum: request.openChecksum,
      ...signer,
      ...multilib,
      ...(request.limitNoarch ? { limitNoarch: true as const } : {}),
      ...(groups === undefined ? {} : { groups: groups.content }),
      ...(files.length === 0 ? {} : { additional: files }),
      ...given,
      ...(request.filterComps === null ? {} : { filterComps: request.filterComps }),
      ...(request.splitDebuginfo === null ? {} : { splitDebuginfo: request.splitDebuginfo }),
      ...zchunk.options,
      ...(request.database ? { database: true as const } : {})
    }
    const input: InputOf<typeof DistRepo> = { ...options, snapshot: snapshot.content, stamp: snapshot.stamp }
    const identity: RepoIdentity = {
      content: snapshot.content,
      // With what repo.json records, so that it is true of the request also where no new repo is made.
      options: canonicalJson({
        ...options,
        layout: request.layout,
        recorded: repoRecord(request, arches, snapshot, null),
        ...(deltas === null ? {} : { deltas: deltaIdentity(deltas, request.tag) })
      }),
      fingerprint: fingerprint(DistRepo)
    }
    return { arches, deltas, snapshot, input, identity, warnings: [...zchunk.warnings, ...arches.warnings] }
  })

/** However the file that was given is called. */
const compsName = "comps.xml"

/** The comps file as Koji has it, in the folder `groups` and in each repository. */
const groupsOf = (comps: string, compression: Compression) =>
  Effect.gen(function* () {
    const file = yield* readGroupFile(".", comps)
    const content = yield* withBlobs(writeBlob(Bytes, file.content))
    return { content, records: groupRecords(compression).map((record) => ({ ...record, name: compsName, content })) }
  })

/** What repo.json records, but for the id. */
export const repoRecord = (
  request: DistRepoRequest,
  arches: RequestedArches,
  snapshot: TagSnapshot,
  deltas: RequestedDeltas | null
) => ({
  tag: request.tag,
  tagId: snapshot.tagId,
  keys: request.keys,
  volume: request.volume,
  taskOptions: { ...taskOptions(request, arches), delta: deltas?.bases.map(({ id }) => id) ?? [] }
})

/** As many as createrepo_c lists by default. */
export const changelogLimit = 10
