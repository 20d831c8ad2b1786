import { Either } from "effect"
import { readBuilds } from "./builds.ts"
import type { Writing } from "./database.ts"
import { HubRefused, type NoSuchBuild, type NoSuchTag } from "./errors.ts"
import { readChain } from "./inheritance-rows.ts"
import type { BuildInfo, TagInfo } from "./model.ts"
import { readPackageList } from "./package-list.ts"
import { refuseAny } from "./refuse-any.ts"
import { readTag } from "./tags.ts"

/**
 * Tags builds, each at an event of its own in the order given, so that of two builds of a package the later argument is
 * the newer one. `force` passes over the lock and the package list, and tags again what is tagged already.
 */
export const tagBuilds = (
  tx: Writing,
  name: string,
  nvrs: ReadonlyArray<string>,
  force: boolean
): Either.Either<void, NoSuchTag | NoSuchBuild | HubRefused> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const builds = yield* readBuilds(tx, nvrs)
    const packages = readPackageList(
      tx,
      yield* readChain(tx, tag, null),
      null,
      builds.map(({ packageId }) => packageId)
    )
    if (!force) {
      const listed = (build: BuildInfo): string | undefined => {
        if (tag.locked) return `Tag ${name} is locked; unlock it or tag with --force`
        const entry = packages.get(build.packageId)
        if (!entry) return `Package ${build.name} not in list for ${name}`
        if (entry.blocked) return `Package ${build.name} is blocked in ${name}`
        return isTagged(tx, tag, build) ? `build ${build.nvr} already tagged (${name})` : undefined
      }
      yield* refuseAny(builds.map(listed))
    }
    for (const build of builds) {
      const event = tx.newEvent()
      revoke(tx, tag, build, event)
      tx.run("INSERT INTO tag_listing (tag_id, build_id, create_event, creator) VALUES (:tag, :build, :event, :user)", {
        tag: tag.id,
        build: build.id,
        event,
        user: tx.user
      })
    }
  })

/** Takes builds out of a tag, each at an event of its own. `force` passes over the lock and over builds that are not in it. */
export const untagBuilds = (
  tx: Writing,
  name: string,
  nvrs: ReadonlyArray<string>,
  force: boolean
): Either.Either<void, NoSuchTag | NoSuchBuild | HubRefused> =>
  Either.gen(function* () {
    const tag = yield* readTag(tx, name, null)
    const builds = yield* readBuilds(tx, nvrs)
    if (!force) {
      if (tag.locked) return yield* Either.left(new HubRefused({ reason: `Tag ${name} is locked; unlock it first` }))
      yield* refuseAny(
        builds.map((build) => (isTagged(tx, tag, build) ? undefined : `build ${build.nvr} not in tag ${name}`))
      )
    }
    for (const build of builds) if (isTagged(tx, tag, build)) revoke(tx, tag, build, tx.newEvent())
  })

const isTagged = (tx: Writing, tag: TagInfo, build: BuildInfo): boolean =>
  tx.get("SELECT 1 FROM tag_listing WHERE tag_id = :tag AND build_id = :build AND revoke_event IS NULL", {
    tag: tag.id,
    build: build.id
  }) !== undefined

const revoke = (tx: Writing, tag: TagInfo, build: BuildInfo, event: number): void => {
  tx.run(
    `UPDATE tag_listing SET revoke_event = :event, revoker = :user
     WHERE tag_id = :tag AND build_id = :build AND revoke_event IS NULL`,
    { tag: tag.id, build: build.id, event, user: tx.user }
  )
}
