import { Duration, Effect, Either } from "effect"
import { layerDirectory, overlayStore, Store } from "../../../graph/index.ts"
import { assess } from "../../export/watch/assess.ts"
import { exportTag, hindrance, type TagOutcome } from "../../export/watch/export-tag.ts"
import { type CommonOptions, tagRequest } from "../../export/watch/tag-request.ts"
import type { Pace } from "../../export/watch/turns.ts"
import { type WatchEvent, watchTags } from "../../export/watch/watch-tags.ts"
import type { Hub } from "../../hub/hub.ts"
import { layerLocalHub } from "../../source/local-hub.ts"
import { layerLocalTagFeed } from "../../source/local-tag-feed.ts"
import { namePattern } from "../../source/name-pattern.ts"
import { Source } from "../../source/source.ts"
import { type FedTag, TagFeed } from "../../source/tag-feed.ts"
import type { ArgsOf, Handler, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { Stop } from "../frame/stop.ts"
import { UsageError } from "../frame/usage-error.ts"
import { withHub } from "../open-hub.ts"
import { tidyUp } from "../store/tidy-up.ts"
import { secondsOfAge } from "../words/age.ts"
import { observed } from "./observed.ts"
import { warnAboutPackages } from "./package-warnings.ts"
import { withProgress } from "./progress.ts"
import { publishOptionsOf } from "./publish-options.ts"
import type { Watch } from "./watch-spec.ts"
import { assessmentReport, outcomeReport, type TagReport, unusableReport } from "./watch-text.ts"

type Args = ArgsOf<typeof Watch>

export const watch: Handler<Args> = (args) =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(args)
    const stop = yield* Stop
    const endless = !args.once && !args.dryRun
    const work = args.dryRun ? dryRun(settings) : args.once ? once(settings) : untilStopped(settings, stop)
    const feed = layerLocalTagFeed(settings.interval)
    const running = withHub(args.topdir, Effect.provide(work, [feed, layerLocalHub]))
    return yield* endless ? running : Effect.raceFirst(running, Effect.zipRight(stop, Effect.interrupt))
  })

interface Settings {
  readonly store: string
  readonly storeSize: number | null
  readonly pace: Pace
  readonly interval: Duration.Duration
  /** Milliseconds. */
  readonly patience: number
  readonly patterns: ReadonlyArray<string>
  readonly chosen: (tag: string) => boolean
  readonly common: CommonOptions
}

const settingsOf = (args: Args): Either.Either<Settings, UsageError> =>
  Either.gen(function* () {
    if (args.once && args.dryRun) return yield* misuse("--dry-run looks once anyway: leave --once out")
    const quiet = yield* millisecondsOf("--quiet-period", args.quietPeriod ?? "10")
    const longest = yield* millisecondsOf("--max-delay", args.maxDelay ?? "5m")
    const interval = yield* millisecondsOf("--interval", args.interval ?? "2")
    if (longest < quiet) return yield* misuse("--max-delay must not be shorter than --quiet-period")
    if (interval === 0) return yield* misuse("--interval must be at least 1 second")
    const tests = args.tags.map(namePattern)
    return {
      store: args.store,
      storeSize: args.storeSize,
      pace: { quiet, longest },
      interval: Duration.millis(interval),
      patience: yield* millisecondsOf("--wait-signatures", args.waitSignatures ?? "30m"),
      patterns: args.tags,
      chosen: (tag: string) => tests.length === 0 || tests.some((test) => test(tag)),
      common: yield* publishOptionsOf(args)
    }
  })

const millisecondsOf = (option: string, text: string): Either.Either<number, UsageError> => {
  const seconds = secondsOfAge(text)
  return seconds === undefined
    ? misuse(`${option}: not an age: '${text}' (30m, 8h, 7d, or seconds)`)
    : Either.right(seconds * 1000)
}

const misuse = (reason: string): Either.Either<never, UsageError> => Either.left(new UsageError({ reason }))

/** Each tag in turn, without waiting for anything. */
const once = (settings: Settings) =>
  Effect.gen(function* () {
    const tags = yield* chosenTags(settings)
    const reports = yield* Effect.forEach(tags, (tag) =>
      Effect.gen(function* () {
        yield* warnOf(tag)
        const { watching } = tag
        const report =
          watching._tag === "Unusable"
            ? unusableReport(tag.name, watching.problems)
            : outcomeReport(tag.name, yield* exportOne(settings, tag, () => {}))
        if (report.isProblem) yield* sayProblem(report)
        return report
      })
    )
    return reportOf(reports)
  })

/** What a run that makes nothing finds. */
const dryRun = (settings: Settings) =>
  Effect.gen(function* () {
    const tags = yield* chosenTags(settings)
    const reports = yield* Effect.forEach(tags, (tag) =>
      Effect.zipRight(
        warnOf(tag),
        Effect.catchAll(foreseen(settings, tag), (error) =>
          Effect.succeed(outcomeReport(tag.name, { _tag: "Failed", error }))
        )
      )
    )
    yield* Effect.forEach(
      reports.filter(({ isProblem }) => isProblem),
      sayProblem
    )
    return reportOf(reports)
  }).pipe(Effect.provide(layerDirectory(settings.store)))

const foreseen = ({ common, patience }: Settings, { name, watching }: FedTag) =>
  Effect.gen(function* () {
    if (watching._tag === "Unusable") return unusableReport(name, watching.problems)
    const request = tagRequest(name, watching.options, common)
    const source = yield* Source
    const assessment = yield* Effect.provideServiceEffect(assess(request), Store, Effect.map(Store, overlayStore))
    if (assessment._tag === "UpToDate") return assessmentReport(name, assessment, [], null)
    const { because, problem } = assessment
    const causes =
      because._tag === "OtherContent" ? yield* source.causes(name, { ...request, event: null }, because.event) : []
    const isHindered = problem !== null && problem.unsigned.length + problem.sameFileNames.length > 0
    const hindered = isHindered ? yield* hindrance(request, problem, patience) : null
    return assessmentReport(name, assessment, causes, hindered)
  })

/** Until a signal comes. The report is what each tag came to last. */
const untilStopped = (settings: Settings, stop: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { talk, warn } = yield* Output
    const tags = yield* chosenTags(settings)
    const last = new Map<string, TagReport>()
    /** Says what is news: the same again is not. */
    const note = (tag: string, report: TagReport) =>
      Effect.gen(function* () {
        const isNews = last.get(tag)?.lines.join("\n") !== report.lines.join("\n")
        last.set(tag, report)
        if (!isNews) return
        yield* report.isProblem ? sayProblem(report) : talk(...report.lines)
      })
    const tell = (event: WatchEvent) =>
      Effect.gen(function* () {
        switch (event._tag) {
          case "Watches":
            yield* warnOf(event.tag)
            if (event.tag.watching._tag === "Unusable") {
              yield* note(event.tag.name, unusableReport(event.tag.name, event.tag.watching.problems))
            }
            return
          case "Drops":
            last.delete(event.tag)
            return yield* talk(`${event.tag}: is not watched any more`)
          case "Begins":
            return
          case "Supersedes":
            return yield* talk(`${event.tag}: changed again: the export is interrupted and begins anew`)
          case "Ends":
            return yield* note(event.tag, outcomeReport(event.tag, event.outcome))
          case "CannotLook":
            return yield* warn(`the hub cannot be asked: ${event.error.message}`)
        }
      })
    yield* talk(`watching ${tags.length === 1 ? "1 tag" : `${tags.length} tags`}`)
    const watching = {
      pace: settings.pace,
      chosen: settings.chosen,
      exportTag: (tag: FedTag, onRead: (event: number) => void) => exportOne(settings, tag, onRead),
      tell
    }
    yield* Effect.raceFirst(watchTags(watching), stop)
    return { ...reportOf([...last.values()]), exitCode: 0 }
  })

/** The tags that ask for exports, of those that are wanted; warns of patterns without any. */
const chosenTags = ({ chosen, patterns }: Settings) =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    const tags = yield* (yield* TagFeed).tags
    const idle = patterns.filter((pattern) => !tags.some(({ name }) => namePattern(pattern)(name)))
    yield* Effect.forEach(idle, (pattern) =>
      warn(`no tag ${pattern} asks to be exported: its extra value tag2distrepo.enabled would have to be true`)
    )
    return tags.filter(({ name }) => chosen(name))
  })

const warnOf = ({ name, watching }: FedTag) =>
  Effect.gen(function* () {
    const { warn } = yield* Output
    const warnings = watching._tag === "Watched" ? watching.warnings : []
    yield* Effect.forEach(warnings, (text) => warn(`${name}: ${text}`))
  })

const sayProblem = ({ lines }: TagReport) => Effect.flatMap(Output, ({ warn }) => warn(lines.join("\n")))

/** One tag's turn. The store is opened for each, so that it may be cleared or deleted between them. */
const exportOne = (
  { common, patience, store, storeSize }: Settings,
  { name, watching }: FedTag,
  onRead: (event: number) => void
): Effect.Effect<TagOutcome, never, Hub | Source | TagFeed | Output> =>
  Effect.gen(function* () {
    if (watching._tag === "Unusable") return failed({ _tag: "Unusable", message: watching.problems.join("\n") })
    const request = tagRequest(name, watching.options, common)
    const about = { command: "watch", subject: { "distgraph.tag": name }, profile: undefined }
    const outcome = yield* observed(about, (onEvent) =>
      withProgress(`Creating dist repo for tag ${name}`, onEvent, (told) =>
        exportTag(request, patience, { onRead, onEvent: told })
      )
    )
    if (outcome._tag === "Published") yield* warnAboutPackages(request, outcome, true)
    return outcome
  }).pipe(
    Effect.provide(layerDirectory(store)),
    Effect.tap(({ _tag }) => (_tag === "Published" ? tidyUp({ store, storeSize }) : Effect.void)),
    Effect.catchAll((error) => Effect.succeed(failed(error)))
  )

const failed = (error: { readonly _tag: string; readonly message: string }): TagOutcome => ({ _tag: "Failed", error })

/** Of a problem, which was told in full when it was found, the first line. */
const reportOf = (reports: ReadonlyArray<TagReport>): Report => {
  const sorted = reports.toSorted((a, b) => (a.data.tag < b.data.tag ? -1 : 1))
  return {
    lines: sorted.flatMap(({ isProblem, lines }) => (isProblem ? lines.slice(0, 1) : lines)),
    data: { tags: sorted.map(({ data }) => data) },
    exitCode: sorted.some(({ isProblem }) => isProblem) ? 1 : 0
  }
}
