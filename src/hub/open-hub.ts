import { join } from "node:path"
import { FileSystem } from "@effect/platform/FileSystem"
import { Effect, Either, Option, type Scope } from "effect"
import { volumeRoot } from "../koji/topdir.ts"
import { readBuilds } from "./builds.ts"
import { tagContent } from "./content.ts"
import { contentCauses } from "./content-causes.ts"
import { type HubDatabase, openDatabase, type Reading } from "./database.ts"
import { HubRefused, type HubUnavailable, NoSuchBuild, type NoSuchTag } from "./errors.ts"
import { lastEvent, readEvent } from "./events.ts"
import {
  addExternalRepo,
  deleteExternalRepo,
  editExternalRepo,
  editTagExternalRepo,
  externalRepoList,
  readExternalRepos,
  readTagExternalRepos,
  removeTagExternalRepo
} from "./external-repos.ts"
import { firstTagged } from "./first-tagged.ts"
import {
  addGroup,
  addGroupPackages,
  addGroupRequirement,
  blockGroup,
  blockGroupPackages,
  blockGroupRequirement,
  readGroups,
  unblockGroup,
  unblockGroupPackages,
  unblockGroupRequirement
} from "./groups.ts"
import { readHistory } from "./history.ts"
import type { HubService } from "./hub.ts"
import { importRpms } from "./import-rpms.ts"
import { importSignatures } from "./import-signatures.ts"
import { addLink, readInheritance, readLinks, removeLink } from "./inheritance-rows.ts"
import type { TagInfo } from "./model.ts"
import { addPackages, blockPackages, listPackages, unblockPackages } from "./package-list.ts"
import { withFreePublishLock, withPublishLock } from "./publish-lock.ts"
import {
  getRepo,
  pinRepos,
  queryRepos,
  readRepo,
  readyRepo,
  repoInit,
  setRepoStates,
  unfinishedRepos,
  updateEndEvents
} from "./repos.ts"
import { rpmPath } from "./rpm-paths.ts"
import { readRpmFiles, readRpms } from "./rpm-rows.ts"
import { finishBuildMoves, setBuildVolume } from "./set-build-volume.ts"
import { writeSignedRpms } from "./signed-copies.ts"
import { systemUser } from "./system-user.ts"
import { firstChange, lastChange } from "./tag-changes.ts"
import { listTagged, listTaggedRpms } from "./tagged-builds.ts"
import { tagBuilds, untagBuilds } from "./tagging.ts"
import { addTag, editTag, readBuildConfig, readTag, readTags } from "./tags.ts"
import { addVolume, readVolume, readVolumes } from "./volumes.ts"

/** The hub of a topdir: each method is one transaction, but those that copy files. */
export const openHub = (
  topdir: string,
  user = systemUser()
): Effect.Effect<HubService, HubUnavailable, FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem
    const database = yield* openDatabase(topdir, user)
    yield* finishBuildMoves(database)
    return {
      topdir,
      ...tagMethods(database),
      ...packageMethods(database, user),
      ...groupMethods(database),
      ...externalRepoMethods(database),
      ...volumeMethods(database, files),
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

const groupMethods = ({ read, write }: HubDatabase) =>
  ({
    groups: (tag, options = {}) => read((tx) => readGroups(tx, tag, options)),
    addGroup: (tag, group) => write((tx) => addGroup(tx, tag, group)),
    blockGroup: (tag, group) => write((tx) => blockGroup(tx, tag, group)),
    unblockGroup: (tag, group) => write((tx) => unblockGroup(tx, tag, group)),
    addGroupPackages: (tag, group, packages) => write((tx) => addGroupPackages(tx, tag, group, packages)),
    blockGroupPackages: (tag, group, packages) => write((tx) => blockGroupPackages(tx, tag, group, packages)),
    unblockGroupPackages: (tag, group, packages) => write((tx) => unblockGroupPackages(tx, tag, group, packages)),
    addGroupRequirement: (tag, group, required) => write((tx) => addGroupRequirement(tx, tag, group, required)),
    blockGroupRequirement: (tag, group, required) => write((tx) => blockGroupRequirement(tx, tag, group, required)),
    unblockGroupRequirement: (tag, group, required) => write((tx) => unblockGroupRequirement(tx, tag, group, required))
  }) satisfies Partial<HubService>

const externalRepoMethods = ({ read, write }: HubDatabase) =>
  ({
    externalRepos: (event = null) => read((tx) => Either.right(readExternalRepos(tx, event))),
    tagExternalRepos: (query) => read((tx) => readTagExternalRepos(tx, query)),
    externalRepoList: (tag, event = null) => read((tx) => externalRepoList(tx, tag, event)),
    addExternalRepo: (name, url, uses) => write((tx) => addExternalRepo(tx, name, url, uses)),
    editExternalRepo: (repo, change) => write((tx) => editExternalRepo(tx, repo, change)),
    editTagExternalRepo: (tag, repo, change) => write((tx) => editTagExternalRepo(tx, tag, repo, change)),
    removeTagExternalRepo: (repo, tags) => write((tx) => removeTagExternalRepo(tx, repo, tags)),
    deleteExternalRepo: (repo) => write((tx) => deleteExternalRepo(tx, repo))
  }) satisfies Partial<HubService>

const volumeMethods = (database: HubDatabase, files: FileSystem) => {
  const { read, topdir, writable, write } = database
  const folderOf = (name: string) =>
    Effect.gen(function* () {
      const path = yield* Either.mapLeft(volumeRoot(name), (bad) => new HubRefused({ reason: bad.message }))
      const root = join(topdir, path)
      const info = yield* Effect.option(files.stat(root))
      return { root, isThere: Option.isSome(info) && info.value.type === "Directory" }
    })
  const volume = (name: string) =>
    Effect.gen(function* () {
      const found = yield* read((tx) => readVolume(tx, name))
      const { isThere, root } = yield* folderOf(name)
      if (isThere) return found
      return yield* new HubRefused({
        reason: `Directory entry missing for volume ${name}: ${root} is not there; is it mounted?`
      })
    })
  return {
    volumes: read((tx) => Either.right(readVolumes(tx))),
    volume,
    setBuildVolume: (name, nvrs) =>
      writable.pipe(Effect.zipRight(volume(name)), Effect.zipRight(setBuildVolume(database, name, nvrs))),
    addVolume: (name) =>
      Effect.gen(function* () {
        const { isThere, root } = yield* folderOf(name)
        if (isThere) return yield* write((tx) => addVolume(tx, name))
        return yield* new HubRefused({
          reason: `please create the volume directory first: ${root}, or a link to where it is to be`
        })
      })
  } satisfies Partial<HubService>
}

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
    tagContent: (tag, options, use, check, former) => read((tx) => tagContent(tx, tag, options, use, check, former)),
    firstTagged: (tag, inherit, nvras) => read((tx) => firstTagged(tx, tag, inherit, nvras)),
    rpmFiles: (wanted) => read((tx) => Either.right(readRpmFiles(tx, wanted))),
    rpmPaths: (files) => read((tx) => Either.right(files.map((file) => rpmPath(tx, file)))),
    contentCauses: (tag, options, since) => read((tx) => contentCauses(tx, tag, options, since))
  }) satisfies Partial<HubService>

const repoMethods = ({ topdir, read, writable, write }: HubDatabase) =>
  ({
    repoInit: (repo) => write((tx) => repoInit(tx, repo)),
    setRepoState: (id, state) => write((tx) => setRepoStates(tx, [id], state)),
    setRepoStates: (ids, state) => write((tx) => setRepoStates(tx, ids, state)),
    pinRepos: (ids, pinned) => write((tx) => pinRepos(tx, ids, pinned)),
    repo: (id) => read((tx) => readRepo(tx, id)),
    repos: (tag) => read((tx) => queryRepos(tx, { tag })),
    queryRepos: (query) => read((tx) => queryRepos(tx, query)),
    getRepo: (tag, options = {}) => read((tx) => getRepo(tx, tag, options)),
    unfinishedRepos: (tag, kind = "dist") => read((tx) => unfinishedRepos(tx, tag, kind)),
    newestReadyRepo: (tag, options) =>
      read((tx) => readyRepo(tx, tag, { kind: "dist", order: "newest", ...(options !== undefined && { options }) })),
    newestInternalRepo: (tag, opts) => read((tx) => readyRepo(tx, tag, { kind: "internal", order: "newest", opts })),
    latestRepo: (tag, kind = "dist") => read((tx) => readyRepo(tx, tag, { kind, order: "latest" })),
    tagLastChangeEvent: (tag, { before = null, inherit = true } = {}) =>
      read((tx) => Either.map(readTag(tx, tag, null), ({ id }) => lastChange(tx, id, before, inherit))),
    tagFirstChangeEvent: (tag, { after = null, inherit = true } = {}) =>
      read((tx) => Either.map(readTag(tx, tag, null), ({ id }) => firstChange(tx, id, after, inherit))),
    updateEndEvents: write(updateEndEvents),
    withPublishLock: (effect) => Effect.zipRight(writable, withPublishLock(topdir)(effect)),
    withFreePublishLock: (effect) => Effect.zipRight(writable, withFreePublishLock(topdir)(effect))
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
