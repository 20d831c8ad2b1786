import { compareEvr } from "./evr.ts"

/** How a dependency's version relates to others: as primary.xml has it. */
export type Relation = "EQ" | "LT" | "LE" | "GT" | "GE"

/** What a package provides or requires: a name, mostly with a range of versions. */
export interface Dependency {
  readonly name: string
  /** null: any version. */
  readonly range: {
    readonly relation: Relation
    readonly epoch: string | null
    readonly version: string
    /** null: any release. */
    readonly release: string | null
  } | null
}

/**
 * Whether two dependencies of one name have a version in common. One without a version matches all; one that is equal to a
 * version without a release matches every release of it. Source: rpm's rpmverOverlap.
 */
export const overlaps = (a: Dependency, b: Dependency): boolean => {
  if (a.name !== b.name) return false
  if (a.range === null || b.range === null) return true
  const [is, other] = [senses[a.range.relation], senses[b.range.relation]]
  const [isWhole, otherWhole] = [a.range.release !== null, b.range.release !== null]
  const releases = isWhole && otherWhole
  const anyRelease = isWhole === otherWhole ? false : (isWhole ? other : is).includes("=")
  const order = compareEvr(
    { epoch: a.range.epoch, version: a.range.version, release: releases ? (a.range.release ?? "") : "" },
    { epoch: b.range.epoch, version: b.range.version, release: releases ? (b.range.release ?? "") : "" }
  )
  if (order < 0) return is.includes(">") || other.includes("<")
  if (order > 0) return is.includes("<") || other.includes(">")
  return anyRelease || [...is].some((sense) => other.includes(sense))
}

const senses: Readonly<Record<Relation, string>> = { EQ: "=", LT: "<", LE: "<=", GT: ">", GE: ">=" }
