import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { delimiter, join } from "node:path"
import { Data, Effect } from "effect"

/** The programs that make and apply delta rpms are not there. */
export class NoDeltaTool extends Data.TaggedError("NoDeltaTool")<{ readonly missing: ReadonlyArray<string> }> {
  override get message(): string {
    return `delta rpms need ${this.missing.join(" and ")}, which ${this.missing.length === 1 ? "is" : "are"} not on the PATH; install the package deltarpm`
  }
}

/**
 * What the programs on PATH are that make and apply delta rpms, by their bytes: they tell no version, and other ones may make other deltas.
 */
export const deltaTool: Effect.Effect<string, NoDeltaTool> = Effect.suspend(() => {
  const found = programs.map((name) => ({ name, bytes: onPath(name) }))
  const missing = found.filter(({ bytes }) => bytes === undefined).map(({ name }) => name)
  if (missing.length > 0) return new NoDeltaTool({ missing })
  return Effect.succeed(found.map(({ bytes = "", name }) => `${name} ${sumOf(bytes)}`).join(", "))
})

const programs = ["makedeltarpm", "applydeltarpm"]

const onPath = (name: string): Buffer | undefined => {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isFile() && (stat.mode & 0o111) !== 0) return readFileSync(path)
  }
  return undefined
}

const sumOf = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16)
