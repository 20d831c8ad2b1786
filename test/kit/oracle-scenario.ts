import { readFileSync } from "node:fs"
import { Effect, Schema } from "effect"
import { Hub } from "../../src/hub/hub.ts"
import type { Json } from "../../src/hub/model.ts"
import { sharedPath } from "./oracle.ts"

/** Events of the real Koji and of the hub that the scenario was rebuilt in. */
export interface OracleEvents {
  /** The hub's event of a Koji event: that of the last change up to then (0 if there was none yet). */
  readonly hubEvent: (kojiEvent: number) => number
}

export interface OracleOptions {
  /** Rebuild only what happened up to this event of the real Koji; by default everything. */
  readonly upTo?: number
  /**
   * `betatool-2.1-1` was imported already signed, and the real Koji wrote its signed copies only in the middle of the
   * variants (`write-signed-rpms`). True (the default): they are written.
   */
  readonly betatoolCopies?: boolean
}

/** The user that the recorded hub's changes were made by. */
export const ORACLE_USER = "kojiadmin"

/**
 * Makes in an empty hub the builds, signatures, tags and taggings that the recorded Koji had, in the order of its events.
 * Builds and tags get the ids that they had there.
 */
export const rebuildOracle = ({ upTo = Number.POSITIVE_INFINITY, betatoolCopies = true }: OracleOptions = {}) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const scenario = readScenario()
    const rpmFile = (file: string) => sharedPath("oracle", "rpms", file)
    for (const build of scenario.builds) {
      yield* hub.importRpms(build.rpms.map((rpm) => rpmFile(rpm.imported_from)))
    }
    const betatool = scenario.builds.filter((build) => build.imported_already_signed)
    for (const build of scenario.builds) {
      if (betatool.includes(build)) continue
      const copies = build.rpms.flatMap((rpm) => Object.values(rpm.signed_copies).map(({ file }) => rpmFile(file)))
      yield* hub.importSignatures(copies)
    }
    if (betatoolCopies) {
      for (const build of betatool) {
        const nvras = build.rpms.map((rpm) => rpm.file.slice(0, -".rpm".length))
        yield* hub.writeSignedRpms("b234aeac", nvras)
      }
    }
    return yield* continueOracle({ after: 0, upTo })
  })

/** Goes on with tags and taggings in a hub that has those up to the event `after` of the real Koji. */
export const continueOracle = ({ after, upTo }: { readonly after: number; readonly upTo: number }) =>
  Effect.gen(function* () {
    const hub = yield* Hub
    const mapped: Array<readonly [koji: number, hub: number]> = []
    for (const [event, changes] of changesOf(readScenario())) {
      if (event <= after) continue
      if (event > upTo) break
      for (const change of changes) yield* change(hub)
      mapped.push([event, (yield* hub.lastEvent)?.id ?? 0])
    }
    const events: OracleEvents = {
      hubEvent: (kojiEvent) => mapped.findLast(([event]) => event <= kojiEvent)?.[1] ?? 0
    }
    return events
  })

type Change = (hub: Hub["Type"]) => Effect.Effect<unknown, Error>

/** Changes of tags by event, in order. */
const changesOf = (scenario: Scenario): ReadonlyArray<readonly [event: number, changes: ReadonlyArray<Change>]> => {
  const changes: Array<readonly [event: number, change: Change]> = []
  const tags = namesById("tag")
  const packages = namesById("package")
  const name = (names: ReadonlyMap<string, string>, id: string | undefined): string => names.get(id ?? "") ?? `#${id}`
  for (const row of readTable("tag_config")) {
    changes.push([
      Number(row["create_event"]),
      (hub) => hub.addTag(name(tags, row["tag_id"]), { arches: row["arches"] ?? "" })
    ])
  }
  for (const row of readTable("tag_extra")) {
    const tag = name(tags, row["tag_id"])
    const key = row["key"] ?? ""
    const value: Json = JSON.parse(row["value"] ?? "null")
    changes.push([Number(row["create_event"]), (hub) => hub.editTag(tag, { extra: { [key]: value } })])
    if (row["revoke_event"]) {
      changes.push([Number(row["revoke_event"]), (hub) => hub.editTag(tag, { removeExtra: [key] })])
    }
  }
  for (const row of readTable("tag_inheritance")) {
    changes.push([
      Number(row["create_event"]),
      (hub) =>
        hub.addTagInheritance(name(tags, row["tag_id"]), name(tags, row["parent_id"]), {
          priority: Number(row["priority"]),
          maxdepth: row["maxdepth"] ? Number(row["maxdepth"]) : null,
          intransitive: row["intransitive"] === "t",
          noconfig: row["noconfig"] === "t",
          pkgFilter: row["pkg_filter"] ?? ""
        })
    ])
  }
  for (const row of readTable("tag_packages")) {
    const tag = name(tags, row["tag_id"])
    const list = [name(packages, row["package_id"])]
    changes.push([
      Number(row["create_event"]),
      (hub) =>
        row["blocked"] === "t" ? hub.blockPackages(tag, list) : hub.addPackages(tag, list, { owner: ORACLE_USER })
    ])
  }
  const groups = namesById("groups")
  for (const row of readTable("group_config")) {
    const at = Number(row["create_event"])
    changes.push([at, (hub) => hub.addGroup(name(tags, row["tag_id"]), name(groups, row["group_id"]))])
  }
  for (const row of readTable("group_package_listing")) {
    const [tag, group] = [name(tags, row["tag_id"]), name(groups, row["group_id"])]
    changes.push([Number(row["create_event"]), (hub) => hub.addGroupPackages(tag, group, [row["package"] ?? ""])])
  }
  for (const row of readTable("group_req_listing")) {
    const [tag, group] = [name(tags, row["tag_id"]), name(groups, row["group_id"])]
    const required = name(groups, row["req_id"])
    changes.push([Number(row["create_event"]), (hub) => hub.addGroupRequirement(tag, group, required)])
  }
  for (const { create_event, revoke_event, tag, build } of scenario.tag_history) {
    changes.push([create_event, (hub) => hub.tagBuild(tag, [build], { force: true })])
    if (revoke_event !== null) changes.push([revoke_event, (hub) => hub.untagBuild(tag, [build])])
  }
  const byEvent = Map.groupBy(changes, ([event]) => event)
  return [...byEvent].map(([event, at]) => [event, at.map(([, change]) => change)] as const).sort(([a], [b]) => a - b)
}

const Scenario = Schema.Struct({
  builds: Schema.Array(
    Schema.Struct({
      id: Schema.Int,
      nvr: Schema.String,
      imported_already_signed: Schema.Boolean,
      rpms: Schema.Array(
        Schema.Struct({
          file: Schema.String,
          imported_from: Schema.String,
          signed_copies: Schema.Record({
            key: Schema.String,
            value: Schema.Struct({ file: Schema.String, sha256: Schema.String })
          })
        })
      )
    })
  ),
  tag_history: Schema.Array(
    Schema.Struct({
      create_event: Schema.Int,
      revoke_event: Schema.NullOr(Schema.Int),
      tag: Schema.String,
      build: Schema.String
    })
  )
})

export type Scenario = typeof Scenario.Type

/** The builds (with their rpms) and the tag history of the recorded Koji. */
export const readScenario = (): Scenario =>
  Schema.decodeUnknownSync(Scenario)(JSON.parse(readFileSync(sharedPath("oracle", "scenario.json"), "utf8")))

const namesById = (table: string): ReadonlyMap<string, string> =>
  new Map(readTable(table).map((row) => [row["id"] ?? "", row["name"] ?? ""]))

/** Rows of a small table of the recorded hub, by column name. */
export const readTable = (table: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const text = readFileSync(sharedPath("oracle", "db", `${table}.csv`), "utf8")
  const [columns = [], ...rows] = text.trimEnd().split("\n").map(csvFields)
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? ""])))
}

/** Fields of a line of CSV; a quoted one has its quotes doubled. */
const csvFields = (line: string): ReadonlyArray<string> =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ""
  )
