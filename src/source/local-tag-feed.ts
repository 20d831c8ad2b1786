import { type Duration, Effect, Layer } from "effect"
import { Hub } from "../hub/hub.ts"
import type { TagInfo } from "../hub/model.ts"
import { isTrue } from "../koji/repo-options.ts"
import { readTag2distrepo } from "../koji/tag2distrepo.ts"
import { sourceError } from "./local-hub.ts"
import { type FedTag, TagFeed } from "./tag-feed.ts"

/** Asks the local hub for its newest event at an interval, which costs one look-up by key. */
export const layerLocalTagFeed = (interval: Duration.Duration): Layer.Layer<TagFeed, never, Hub> =>
  Layer.effect(
    TagFeed,
    Effect.map(Hub, (hub) => ({
      next: (known) => {
        const look: Effect.Effect<number, ReturnType<typeof sourceError>> = hub.lastEvent.pipe(
          Effect.mapError(sourceError),
          Effect.flatMap((last) =>
            last === null || last.id === known ? Effect.delay(look, interval) : Effect.succeed(last.id)
          )
        )
        return look
      },
      tags: hub.listTags().pipe(
        Effect.flatMap((tags) => Effect.forEach(tags, (tag) => fedTag(hub, tag))),
        Effect.map((tags) => tags.flatMap((tag) => tag ?? [])),
        Effect.mapError(sourceError)
      ),
      firstTagged: (tag, inherit, rpms) => Effect.mapError(hub.firstTagged(tag, inherit, rpms), sourceError)
    }))
  )

/** Undefined for a tag that asks for nothing. */
const fedTag = (hub: Hub["Type"], tag: TagInfo) =>
  Effect.gen(function* () {
    const watching = readTag2distrepo(tag)
    if (watching._tag === "NotWatched") return undefined
    const { extra } = yield* hub.buildConfig(tag.name)
    return { name: tag.name, watching, cancelOthers: isTrue(extra["distrepo.cancel_others"]) } satisfies FedTag
  })
