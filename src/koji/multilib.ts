import { Data, Either } from "effect"
import type { PackageFacts } from "../rpm/dependency-closure.ts"

/** Which packages always, and which never, get a 32-bit counterpart. Names are exact. */
export interface MultilibConfig {
  readonly runtime: MultilibLists
  readonly devel: MultilibLists
}

interface MultilibLists {
  readonly white: ReadonlySet<string>
  readonly black: ReadonlySet<string>
}

export class BadMultilibConfig extends Data.TaggedError("BadMultilibConfig")<{ readonly reason: string }> {
  override get message(): string {
    return `this is no multilib configuration: ${this.reason}`
  }
}

/**
 * The 32-bit rpm arch whose packages a repository of a 64-bit arch has beside its own; undefined where there is none. Koji knows
 * `sparc64` as capable but has no partner for it and crashes.
 */
export const multilibPartner = (repositoryArch: string): string | undefined => partners.get(repositoryArch)

const partners: ReadonlyMap<string, string> = new Map([
  ["x86_64", "i686"],
  ["s390x", "s390"],
  ["ppc64", "ppc"]
])

/** Reads python-multilib's configuration: an INI file with the lists `white` and `black` in the sections `runtime` and `devel`. */
export const parseMultilibConfig = (text: string): Either.Either<MultilibConfig, BadMultilibConfig> =>
  Either.gen(function* () {
    const values = new Map<string, string>()
    let section = ""
    let key = ""
    for (const [number, line] of text.split(/\r?\n/).entries()) {
      const bare = line.trim()
      if (bare === "" || bare.startsWith("#") || bare.startsWith(";")) continue
      const [, name] = /^\[([^\]]+)\]$/.exec(bare) ?? []
      const [, option, value = ""] = /^([^=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? []
      if (name !== undefined) {
        section = name
        key = ""
      } else if (/^\s/.test(line) && key !== "") values.set(key, `${values.get(key) ?? ""}\n${bare}`)
      else if (option !== undefined && section !== "") {
        key = `${section} ${option.toLowerCase()}`
        values.set(key, value)
      } else {
        return yield* Either.left(
          new BadMultilibConfig({ reason: `line ${number + 1} is neither a section nor a list` })
        )
      }
    }
    const list = (of: string): Either.Either<ReadonlySet<string>, BadMultilibConfig> => {
      const value = values.get(of)
      const [in_, option] = of.split(" ")
      return value === undefined
        ? Either.left(new BadMultilibConfig({ reason: `the section [${in_}] has no list "${option}"` }))
        : Either.right(new Set(value.split(/\s+/).filter((word) => word !== "")))
    }
    return {
      runtime: { white: yield* list("runtime white"), black: yield* list("runtime black") },
      devel: { white: yield* list("devel white"), black: yield* list("devel black") }
    }
  })

/** What the method looks at. */
export type MultilibFacts = Pick<PackageFacts, "name" | "arch" | "files"> & {
  /** Names. */
  readonly provides: ReadonlyArray<string>
}

/** Why a package gets a 32-bit counterpart; null where it gets none. Source: python-multilib's method `devel`. */
export const multilibReason = (facts: MultilibFacts, config: MultilibConfig): string | null => {
  const { name, provides } = facts
  if (config.devel.black.has(name)) return null
  if (config.devel.white.has(name)) return "it is on the white list of devel"
  const runtime = runtimeReason(facts, config.runtime)
  if (runtime !== null) return runtime
  if (name.startsWith("ghc-")) return null
  if (name.startsWith("kernel")) {
    if (provides.includes("kernel-devel")) return null
    const devel = provides.find((provided) => /-(devel|static)$/.test(provided))
    if (devel !== undefined) return `it provides ${devel}`
  }
  return /-(devel|static)$/.test(name) ? "it is a package to build with" : null
}

/** The same by the method `runtime`. */
const runtimeReason = (
  { arch, files, name, provides }: MultilibFacts,
  { black, white }: MultilibLists
): string | null => {
  if (black.has(name)) return null
  if (white.has(name)) return "it is on the white list of runtime"
  const isKernel =
    name.startsWith("kernel") && provides.some((provided) => provided === "kernel" || provided === "kernel-devel")
  if (arch.includes("64") && (tools.has(name) || isKernel)) return "it works on 32-bit programs"
  if (name.startsWith("kernel") && provides.includes("kernel")) return null
  const file = files.find(isMultilibFile)
  return file === undefined ? null : `it has ${file}`
}

const tools: ReadonlySet<string> = new Set(["gdb", "frysk", "systemtap", "systemtap-runtime", "ltrace", "strace"])

/** Whether a file is one that programs of both word lengths load, each its own. */
export const isMultilibFile = (path: string): boolean => {
  const slash = path.lastIndexOf("/")
  const directory = path.slice(0, slash)
  const file = path.slice(slash + 1)
  if (/^\/usr\/lib(64)?\/gtk-2\.0(\/|$)/.test(directory)) return gtkDirectory.test(directory)
  return places.some((place) => place.directory.test(directory) && place.file.test(file))
}

const gtkDirectory =
  /^\/usr\/lib(64)?\/gtk-2\.0\/(modules|immodules|.*\/(engines|modules|immodules|loaders|printbackends|filesystems))$/s

const anyName = /^/
const places: ReadonlyArray<{ readonly directory: RegExp; readonly file: RegExp }> = [
  { directory: /^\/(usr\/)?lib(64)?$/, file: /\.so\./ },
  { directory: /^\/usr\/lib(64)?\/(alsa-lib|dri|krb5\/plugins|sasl2|vdpau)$/, file: anyName },
  { directory: /^\/lib(64)?\/security$/, file: anyName },
  { directory: /^\/etc\/lsb-release\.d$/, file: anyName },
  { directory: /^\/etc\/ld\.so\.conf\.d$/, file: /\.conf$/ },
  { directory: /^\/lib(64)?$/, file: /^lib(nss_|db-)/ },
  { directory: /^\/usr\/lib(64)?\/gstreamer-/, file: anyName },
  { directory: /^\/usr\/lib.*\/qt.*\/plugins\/./s, file: anyName },
  { directory: /^\/usr\/lib.*\/kde.*\/plugins\/./s, file: anyName },
  { directory: /^\/usr\/lib.*\/qt5\/qml\/./s, file: anyName },
  { directory: /^\/usr\/lib.*\/gdk-pixbuf-2\.0\/.*\/loaders$/s, file: anyName },
  { directory: /^\/usr\/lib.*\/xine\/plugins\/./s, file: anyName },
  { directory: /^\/usr\/lib(64)?\/oprofile$/, file: /\.so\./ },
  { directory: /^\/usr\/lib(64)?\/wine$/, file: /\.so$/ },
  { directory: /^\/usr\/lib(64)?\/sane$/, file: /^libsane-/ }
]
