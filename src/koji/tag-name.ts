import { Data, Either } from "effect"
import { unsafeSegment } from "../rpm/nevra.ts"

/** A tag name that cannot be used. */
export class BadTagName extends Data.TaggedError("BadTagName")<{ readonly name: string; readonly reason: string }> {
  override get message(): string {
    return `The tag name ${JSON.stringify(this.name)} ${this.reason}`
  }
}

/**
 * Checks the name of a new tag: Koji's characters and length, and that each of its path segments may be a folder.
 * A segment after the first that is a number or "latest" is refused, because it would lie where the tag named by the
 * segments before it has its repo ids and its link.
 */
export const tagName = (name: string): Either.Either<string, BadTagName> => {
  const refuse = (reason: string) => Either.left(new BadTagName({ name, reason }))
  if (!/^[A-Za-z0-9/_.+-]+$/.test(name)) return refuse("may only have letters, digits and / _ . + -")
  if (name.length > 256) return refuse("is longer than 256 characters")
  const segments = name.split("/")
  if (segments.some((segment) => segment === "")) return refuse('has an empty part before, between or after "/"')
  for (const segment of segments) {
    const reason = unsafeSegment(segment)
    if (reason !== null) return refuse(`has a part that ${reason}`)
  }
  if (segments.slice(1).some((segment) => segment === "latest" || /^\d+$/.test(segment))) {
    return refuse('has a part after "/" that is a number or "latest", where the repos of another tag would be')
  }
  return Either.right(name)
}
