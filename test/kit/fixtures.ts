import { readdirSync } from "node:fs"
import { join } from "node:path"

/** The copies of the fixture packages: as built, or signed by one of the two test keys. */
export type FixtureCopy = "unsigned" | "key-a" | "key-b"

/** The test keys by Koji's sigkey: the last eight hex digits of the key id, in lower case. */
export const fixtureKeys = { a: "69c29eff", b: "fafdf4f9" } as const

/** The path of a fixture package, for instance `fixture("key-a", "hello-1.0-1.x86_64.rpm")`; without a name, of its folder. */
export const fixture = (copy: FixtureCopy, ...name: readonly [] | readonly [string]): string =>
  join(import.meta.dirname, "../fixtures/rpms", copy, ...name)

/** The file names of all packages of one copy, sorted. */
export const fixtureNames = (copy: FixtureCopy): ReadonlyArray<string> => readdirSync(fixture(copy)).sort()

/** The path of a test key's armored file. */
export const fixtureKeyFile = (key: keyof typeof fixtureKeys, half: "public" | "secret"): string =>
  join(import.meta.dirname, `../fixtures/keys/TEST-KEY-${key.toUpperCase()}.${half}.asc`)
