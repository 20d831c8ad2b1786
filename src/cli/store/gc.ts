import { Clock, Effect, Either } from "effect"
import type { GcPolicy, GcStage } from "../../../graph/index.ts"
import { collectStore, usualPolicy } from "../../export/collect-store.ts"
import type { ArgsOf, Report } from "../frame/command.ts"
import { Output } from "../frame/output.ts"
import { UsageError } from "../frame/usage-error.ts"
import { secondsOfAge } from "../words/age.ts"
import { bytesOfSize } from "../words/size.ts"
import { gcData, gcLines } from "./gc-text.ts"
import type { Gc } from "./store-specs.ts"

type Args = ArgsOf<typeof Gc>

export const gc = (args: Args) =>
  Effect.gen(function* () {
    const policy = yield* policyOf(args)
    const wait = yield* waitOf(args)
    const { screen } = yield* Output
    const report = yield* collectStore({
      directory: args.store,
      policy,
      dryRun: args.dryRun,
      wait,
      onStage: (stage) => screen.write(stageLines[stage])
    })
    const about = { store: args.store, policy, dryRun: args.dryRun, now: yield* Clock.currentTimeMillis }
    return { lines: gcLines(report, about), data: gcData(report, about) } satisfies Report
  })

const stageLines: Readonly<Record<GcStage, string>> = {
  survey: "looking at what the store holds\n",
  wait: "waiting until nobody uses the store\n",
  sweep: "removing\n",
  rewrite: "giving room back\n"
}

const policyOf = ({ keepWithin, lifetime, maxSize, storeSize }: Args): Either.Either<GcPolicy, UsageError> =>
  Either.gen(function* () {
    const policy = {
      keepWithin: yield* ageOf("--keep-within", keepWithin, usualPolicy.keepWithin),
      lifetime: yield* ageOf("--lifetime", lifetime, usualPolicy.lifetime),
      maxSize: maxSize === undefined ? storeSize : yield* boundOf(maxSize)
    }
    if (policy.lifetime < policy.keepWithin) return yield* misuse("--lifetime must not be shorter than --keep-within")
    return policy
  })

/** Whoever waits longer than a minute wants it done: others then wait too. */
const waitOf = ({ timeout = 10 }: Args): Either.Either<{ politely: number; atTheDoor: number }, UsageError> => {
  if (timeout < 0) return misuse(`--timeout must be at least 0, not ${timeout}`)
  const politely = Math.min(timeout, 1) * 60_000
  return Either.right({ politely, atTheDoor: timeout * 60_000 - politely })
}

const ageOf = (option: string, text: string | undefined, usual: number): Either.Either<number, UsageError> => {
  const seconds = text === undefined ? usual / 1000 : secondsOfAge(text)
  return seconds === undefined
    ? misuse(`${option}: not an age: '${text}' (30m, 8h, 7d, or seconds)`)
    : Either.right(seconds * 1000)
}

const boundOf = (text: string): Either.Either<number | null, UsageError> => {
  if (text === "none") return Either.right(null)
  const bytes = bytesOfSize(text)
  return bytes === undefined
    ? misuse(`--max-size: not a size: '${text}' (500M, 20G, bytes, or none)`)
    : Either.right(bytes)
}

const misuse = (reason: string): Either.Either<never, UsageError> => Either.left(new UsageError({ reason }))
