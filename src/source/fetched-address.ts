import { createReadStream } from "node:fs"
import { fileURLToPath } from "node:url"
import { Data, Duration, Effect, Ref, Schedule } from "effect"

/**
 * The bytes at an http, https or file address, at most `limit` of them; a reason where there are none to be had. What a server may answer
 * otherwise in a moment is asked for again, three times, after longer and longer pauses; ten minutes are enough for all of it.
 */
export const fetchedAddress = (address: string, limit: number): Effect.Effect<Uint8Array, string> => {
  if (!/^(https?|file):/.test(address)) return Effect.fail("only http, https and file URLs can be read")
  return Effect.gen(function* () {
    const tries = yield* Ref.make(0)
    const once = Effect.zipRight(
      Ref.update(tries, (before) => before + 1),
      fetchedOnce(address, limit)
    )
    return yield* once.pipe(
      Effect.retry({ schedule: pauses, while: ({ passing }) => passing }),
      Effect.catchAll(({ reason }) =>
        Effect.flatMap(Ref.get(tries), (tried) => Effect.fail(tried === 1 ? reason : `${reason}, after ${tried} tries`))
      ),
      Effect.timeoutFail({ duration: "10 minutes", onTimeout: () => "it takes more than ten minutes" })
    )
  })
}

/** Three, of about 0.3, 0.9 and 2.7 s: others who failed with us shall not all come back at once. */
const pauses = Schedule.intersect(Schedule.jittered(Schedule.exponential(Duration.millis(300), 3)), Schedule.recurs(3))

/** Something could not be fetched. */
class NotFetched extends Data.TaggedError("NotFetched")<{
  readonly reason: string
  /** Whether it may well be there in a moment. */
  readonly passing: boolean
}> {}

const fetchedOnce = (address: string, limit: number): Effect.Effect<Uint8Array, NotFetched> =>
  Effect.tryPromise({
    try: async (signal) => collected(await bodyOf(address, signal), limit),
    catch: (cause) =>
      cause instanceof NotFetched ? cause : new NotFetched({ reason: reasonOf(cause), passing: isPassing(cause) })
  }).pipe(
    Effect.filterOrFail(
      (bytes) => bytes !== null,
      () => new NotFetched({ reason: `it has more than the ${limit} bytes that it may have`, passing: false })
    )
  )

/** Throws what the system says, or a {@link NotFetched}. */
const bodyOf = async (address: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
  if (address.startsWith("file:")) return createReadStream(fileURLToPath(address), { signal })
  const { body, ok, status } = await fetch(address, { signal })
  if (ok && body !== null) return body
  await body?.cancel()
  throw new NotFetched({ reason: `the server answers ${status}`, passing: isPassingStatus(status) })
}

/** Null where there are more than the limit. */
const collected = async (body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | null> => {
  const parts: Array<Uint8Array> = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > limit) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The server or one before it is at fault (5xx), waited too long for us (408), or has too much to do (429). */
const isPassingStatus = (status: number): boolean => status >= 500 || status === 408 || status === 429

/** What befalls a connection, by the codes of the system and of Node's fetch, which has them in the cause of its error. */
const isPassing = (cause: unknown): boolean => {
  if (!(cause instanceof Error)) return false
  const code = "code" in cause ? String(cause.code) : ""
  return passingCodes.has(code) || isPassing(cause.cause)
}

const passingCodes: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT"
])

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}
