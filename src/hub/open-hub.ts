import { userInfo } from "node:os"
import { FileSystem } from "@effect/platform/FileSystem"
import { Effect, Either, type Scope } from "effect"
import { readBuilds } from "./builds.ts"
import { listTagged, listTaggedRpms, tagContent } from "./content.ts"
import { type HubDatabase, openDatabase, type Reading } from "./database.ts"
import { type HubUnavailable, NoSuchBuild, NoSuchEvent, type NoSuchTag } from "./errors.ts"
import { readHistory } from "./history.ts"
import type { HubService } from "./hub.ts"
import { importRpms } from "./import-rpms.ts"
import { importSignatures } from "./import-signatures.ts"
import { addLink, readInheritance, readLinks, removeLink } from "./inheritance-rows.ts"
import type { HubEvent, TagInfo } from "./model.ts"
import { addPackages, blockPackages, listPackages, unblockPackages } from "./package-list.ts"
import { withPublishLock } from "./publish-lock.ts"
import { readRepo, readRepos, readyRepo, repoInit, setRepoState } from "./repos.ts"
import { readRpms } from "./rpm-rows.ts"
import { writeSignedRpms } from "./signed-copies.ts"
import { tagBuilds, untagBuilds } from "./tagging.ts"
import { addTag, editTag, readBuildConfig, readTag, readTags } from "./tags.ts"

/** The hub of a topdir: each method is one transaction, but those that copy files. */
export const openHub = (
  topdir: string,
  user = systemUser()
): Effect.Effect<HubService, HubUnavailable, FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    const database = yield* openDatabase(topdir, user)
    return {
      topdir,
      ...tagMethods(database),
      ...packageMethods(database, user),
      ...fileMethods(database, files),
      ...buildMethods(database),
      ...contentMethods(database),
      ...repoMethods(database)
    }
  })

const tagMethods = ({ read, write }: HubDatabase) =>
  ({
    addTag: (name, options = {}) => write((tx) => addTag(tx, name, options)),
    editTag: (name, change) => write((tx) => editTag(tx, name, change)),
    listTags: ({ event = null } = {}) => read((tx) => Either.right(readTags(tx, event))),
    tagInfo: (tag, event = null) => read((tx) => readTag(tx, tag, event)),
    buildConfig: (tag, event = null) => read((tx) => readBuildConfig(tx, tag, event)),
    addTagInheritance: (child, parent, options = {}) =>
      write((tx) => Either.flatMap(bothTags(tx, child, parent), ([c, p]) => addLink(tx, c, p, options))),
    removeTagInheritance: (child, parent) =>
      write((tx) => Either.flatMap(bothTags(tx, child, parent), ([c, p]) => removeLink(tx, c, p))),
    fullInheritance: (tag, event = null) =>
      read((tx) => Either.map(readTag(tx, tag, event), ({ id }) => readInheritance(tx, id, event))),
    inheritance: (tag, event = null) =>
      read((tx) => Either.map(readTag(tx, tag, event), ({ id }) => readLinks(tx, id, event))),
    history: (tag) => read((tx) => readHistory(tx, tag)),
    event: (id) =>
      read((tx) =>
        Either.fromNullable(
          tx.get<HubEvent>("SELECT id, time FROM event WHERE id = :id", { id }),
          () => new NoSuchEvent({ event: id })
        )
      ),
    lastEvent: read((tx) =>
      Either.right(tx.get<HubEvent>("SELECT id, time FROM event ORDER BY id DESC LIMIT 1") ?? null)
    )
  }) satisfies Partial<HubService>

const packageMethods = ({ read, write }: HubDatabase, user: string) =>
  ({
    addPackages: (tag, names, { owner = user } = {}) => write((tx) => addPackages(tx, tag, names, owner)),
    blockPackages: (tag, names) => write((tx) => blockPackages(tx, tag, names)),
    unblockPackages: (tag, names) => write((tx) => unblockPackages(tx, tag, names)),
    listPackages: (tag, { event = null, inherit = true } = {}) => read((tx) => listPackages(tx, tag, event, inherit))
  }) satisfies Partial<HubService>

const fileMethods = (database: HubDatabase, files: FileSystem) => {
  const withFiles = Effect.provideService(FileSystem, files)
  return {
    importRpms: (rpms) => withFiles(importRpms(database, rpms)),
    importSignatures: (rpms, { write = true } = {}) => withFiles(importSignatures(database, rpms, write)),
    writeSignedRpms: (key, nvras, { force = false } = {}) => withFiles(writeSignedRpms(database, key, nvras, force))
  } satisfies Partial<HubService>
}

const buildMethods = (database: HubDatabase) =>
  ({
    tagBuild: (tag, nvrs, { force = false } = {}) => database.write((tx) => tagBuilds(tx, tag, nvrs, force)),
    untagBuild: (tag, nvrs, { force = false } = {}) => database.write((tx) => untagBuilds(tx, tag, nvrs, force)),
    build: (nvr) => database.read((tx) => oneBuild(tx, nvr)),
    buildRpms: (nvr) =>
      database.read((tx) => Either.map(oneBuild(tx, nvr), (build) => readRpms(tx, new Map([[build.id, build]])).rpms))
  }) satisfies Partial<HubService>

const contentMethods = ({ read }: HubDatabase) =>
  ({
    listTagged: (tag, options) => read((tx) => listTagged(tx, tag, options)),
    listTaggedRpms: (tag, options) => read((tx) => listTaggedRpms(tx, tag, options)),
    taggedRpms: (tag, options) => read((tx) => Either.map(listTaggedRpms(tx, tag, options), ({ rpms }) => rpms)),
    contentStamp: (tag, options) => read((tx) => Either.map(tagContent(tx, tag, options), ({ stamp }) => stamp)),
    tagContent: (tag, options) => read((tx) => tagContent(tx, tag, options))
  }) satisfies Partial<HubService>

const repoMethods = ({ topdir, read, write }: HubDatabase) =>
  ({
    repoInit: (repo) => write((tx) => repoInit(tx, repo)),
    setRepoState: (id, state) => write((tx) => setRepoState(tx, id, state)),
    repo: (id) => read((tx) => readRepo(tx, id)),
    repos: (tag) => read((tx) => readRepos(tx, tag)),
    newestReadyRepo: (tag) => read((tx) => readyRepo(tx, tag, "newest")),
    latestRepo: (tag) => read((tx) => readyRepo(tx, tag, "latest")),
    withPublishLock: withPublishLock(topdir)
  }) satisfies Partial<HubService>

const bothTags = (tx: Reading, child: string, parent: string): Either.Either<readonly [TagInfo, TagInfo], NoSuchTag> =>
  Either.all([readTag(tx, child, null), readTag(tx, parent, null)])

const oneBuild = (tx: Reading, nvr: string) =>
  Either.map(readBuilds(tx, [nvr]), (builds) => builds[0]).pipe(
    Either.filterOrLeft(
      (build) => build !== undefined,
      () => new NoSuchBuild({ builds: [nvr] })
    )
  )

const systemUser = (): string => {
  // a user id without an entry in the user database is an error there, and usual in containers
  try {
    return userInfo().username
  } catch {
    return process.env["USER"] ?? "unknown"
  }
}
