import { Data, Effect } from "effect"
import type { DataSet } from "../data/data-set.ts"
import type { CreaterepoC } from "../measure/createrepo-c.ts"
import type { Distgraph } from "../measure/distgraph.ts"
import type { CommandFailed, Measurement } from "../measure/measure.ts"
import type { BenchOptions } from "../options.ts"
import { costsOf } from "../report/costs.ts"
import type { CaseResult } from "../report/report.ts"

/** In the order in which they are run. */
export const caseNames = [
  "createrepo",
  "cold",
  "unchanged",
  "one-build",
  "many-builds",
  "published-size",
  "store-size",
  "mass-rebuild",
  "vouched",
  "start-up",
  "scheduler"
] as const
export type CaseName = (typeof caseNames)[number]

/** What a case needs. */
export interface Bench {
  readonly distgraph: Distgraph
  readonly createrepo: CreaterepoC
  readonly options: BenchOptions
  readonly data: DataSet
  readonly say: (text: string) => Effect.Effect<void>
}

export class RepositoriesDiffer extends Data.TaggedError("RepositoriesDiffer")<{
  readonly when: string
  readonly distgraph: number
  readonly createrepo: number
}> {
  override get message(): string {
    return `After the case "${this.when}" distgraph lists ${this.distgraph} packages and createrepo_c ${this.createrepo}: the times cannot be compared.`
  }
}

/** A command succeeded, but did something else than the case is about. */
export class UnexpectedOutcome extends Data.TaggedError("UnexpectedOutcome")<{
  readonly when: string
  readonly what: string
}> {
  override get message(): string {
    return `In the case "${this.when}" ${this.what}: its times would mean nothing.`
  }
}

export type CaseError = CommandFailed | RepositoriesDiffer | UnexpectedOutcome

/** Runs a case on a data set; gives a row for each way in which distgraph was asked. */
export type RunCase = (bench: Bench) => Effect.Effect<ReadonlyArray<CaseResult>, CaseError>

/** What a case found out, beside the sizes of its data set. */
export type Findings = Pick<CaseResult, "case"> &
  Partial<Pick<CaseResult, "variant" | "arches" | "goal" | "counts" | "byRule" | "figures" | "skipped">> & {
    readonly distgraph?: ReadonlyArray<Measurement>
    readonly createrepo?: ReadonlyArray<Measurement>
  }

/** A row of the report. */
export const resultOf = ({ data }: Pick<Bench, "data">, findings: Findings): CaseResult => ({
  variant: "",
  packages: data.packages,
  arches: data.folders.arches.length,
  payloadBytes: data.payloadBytes,
  goal: null,
  counts: null,
  byRule: null,
  figures: [],
  skipped: null,
  ...findings,
  rounds: findings.distgraph?.length ?? 0,
  distgraph: costsOf(findings.distgraph ?? []),
  createrepo: costsOf(findings.createrepo ?? [])
})

/** Runs the measured rounds of a case, numbered from 1. */
export const rounds = <A, E>(count: number, round: (number: number) => Effect.Effect<A, E>) =>
  Effect.forEach(
    Array.from({ length: count }, (_, index) => index + 1),
    round
  )
