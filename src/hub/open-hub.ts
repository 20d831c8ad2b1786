import { FileSystem } from "@effect/platform/FileSystem"
import { Effect, Either, type Scope } from "effect"
import { readBuilds } from "./builds.ts"
import { tagContent } from "./content.ts"
import { contentCauses } from "./content-causes.ts"
import { type HubDatabase, openDatabase, type Reading } from "./database.ts"
import { type HubUnavailable, NoSuchBuild, type NoSuchTag } from "./errors.ts"
import { lastEvent, readEvent } from "./events.ts"
import { readHistory } from "./history.ts"
import type { HubService } from "./hub.ts"
import { importRpms } from "./import-rpms.ts"
import { importSignatures } from "./import-signatures.ts"
import { addLink, readInheritance, readLinks, removeLink } from "./inheritance-rows.ts"
import type { TagInfo } from "./model.ts"
import { addPackages, blockPackages, listPackages, unblockPackages } from "./package-list.ts"
import { withPublishLock } from "./publish-lock.ts"
import { readRepos, readyRepo, repoInit, setRepoState, unfinishedRepos } from "./repos.ts"
import { rpmPath } from "./rpm-paths.ts"
import { readRpms } from "./rpm-rows.ts"
import { writeSignedRpms } from "./signed-copies.ts"
import { systemUser } from "./system-user.ts"
import { listTagged, listTaggedRpms } from "./tagged-builds.ts"
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
    event: (id) => read((tx) => readEvent(tx, id)),
    lastEvent: read((tx) => Either.right(lastEvent(tx) ?? null))
  }) satisfies Partial<HubService>

const packageMethods = ({ read, write }: HubDatabase, user: string) =>
  ({
    addPackages: (tag, names, { owner = user } = {}) => write((tx) => addPackages(tx, tag, names, owner)),
    blockPackages: (tag, names) => write((tx) => blockPackages(tx, tag, names)),
    unblockPackages: (tag, names) => write((tx) => unblockPackages(tx, tag, names)),
    listPackages: (tag, { event = null, inherit = true } = {}) => read((tx) => listPackages(tx, tag, event, inherit))
  }) satisfies Partial<HubService>

const fileMethods = (database: HubDatabase, files: FileSystem) => {
  const withFiles = <A, E>(writing: Effect.Effect<A, E, FileSystem>) =>
    Effect.zipRight(database.writable, Effect.provideService(writing, FileSystem, files))
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
    tagContent: (tag, options, check, former) => read((tx) => tagContent(tx, tag, options, check, former)),
    rpmPath: (file) => read((tx) => Either.right(rpmPath(tx, file))),
    contentCauses: (tag, options, since) => read((tx) => contentCauses(tx, tag, options, since))
  }) satisfies Partial<HubService>

const repoMethods = ({ topdir, read, writable, write }: HubDatabase) =>
  ({
    repoInit: (repo) => write((tx) => repoInit(tx, repo)),
    setRepoState: (id, state) => write((tx) => setRepoState(tx, id, state)),
    repos: (tag) => read((tx) => readRepos(tx, tag)),
    unfinishedRepos: (tag) => read((tx) => unfinishedRepos(tx, tag)),
    newestReadyRepo: (tag, options) => read((tx) => readyRepo(tx, tag, "newest", options)),
    latestRepo: (tag) => read((tx) => readyRepo(tx, tag, "latest")),
    withPublishLock: (effect) => Effect.zipRight(writable, withPublishLock(topdir)(effect))
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
