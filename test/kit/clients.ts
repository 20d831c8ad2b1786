import { execFile } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** What a tool printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/** Runs a tool in an English, UTF-8, UTC world; rejects, with all that it printed, where it ends with another exit code than `exit`. */
export const runTool = (
  tool: string,
  args: ReadonlyArray<string>,
  {
    cwd,
    env = {},
    exit = 0
  }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly exit?: number } = {}
): Promise<Printed> =>
  new Promise((resolve, reject) => {
    const world = { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC", ...env }
    execFile(tool, args, { cwd, env: world, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (code === exit) resolve({ stdout, stderr })
      else reject(new Error(`${tool} ${args.join(" ")}: exit ${code}, not ${exit}\n${stdout}\n${stderr}`))
    })
  })

/** The lines of a text, but empty ones, sorted bytewise. */
export const sortedLines = (text: string): ReadonlyArray<string> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .sort()

/** The NEVRAs of package files as rpm reads them, `name-epoch:version-release.arch` with epoch 0 and arch `src` spelled out, sorted. */
export const rpmNevras = async (files: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  if (files.length === 0) return []
  const arch = "%|SOURCERPM?{%{ARCH}}:{src}|"
  const format = `%{NAME}-%|EPOCH?{%{EPOCH}}:{0}|:%{VERSION}-%{RELEASE}.${arch}\\n`
  return sortedLines((await runTool("rpm", ["-qp", "--nosignature", "--qf", format, ...files])).stdout)
}

/** A repository as dnf is told of it. */
export interface DnfRepository {
  readonly path: string
  /** The machine that dnf is to believe it runs on: its arch and, for modules, its platform, as `platform:el9`. */
  readonly arch: string
  readonly platform: string
  /** Check package signatures, with these keys; without it no package is checked. */
  readonly trusted?: ReadonlyArray<string>
  /** Check the signature of repomd.xml too, with the same keys. */
  readonly checksMetadata?: boolean
}

/**
 * A dnf with configuration, cache, state and an empty machine to install on in a folder of its own: no plugins, no other
 * repositories, nothing of the host's. What it installs needs root; what it only reads does not.
 */
export const dnfIn = (folder: string) => {
  const root = join(folder, "root")
  for (const part of ["cache", "persist", "log", "root"]) mkdirSync(join(folder, part), { recursive: true })
  const config = join(folder, "dnf.conf")
  const nowhere = join(folder, "nowhere")
  const directories = ["cache", "persist", "log"].map((part) => `${part}dir=${join(folder, part)}`)
  writeFileSync(config, `[main]\nplugins=0\nreposdir=${nowhere}\nvarsdir=${nowhere}\n${directories.join("\n")}\n`)

  const dnf = async (
    { arch, checksMetadata = false, path, platform, trusted }: DnfRepository,
    args: ReadonlyArray<string>,
    exit?: number,
    env: Readonly<Record<string, string>> = {}
  ) => {
    const keys = trusted?.map((key) => `file://${key}`).join(" ")
    const checks = keys === undefined ? ["gpgcheck=0"] : ["exported.gpgcheck=1", `exported.gpgkey=${keys}`]
    if (checksMetadata) checks.push("exported.repo_gpgcheck=1")
    const settings = [`module_platform_id=${platform}`, "install_weak_deps=0", ...checks]
    const world = [`--config=${config}`, `--installroot=${root}`, "--releasever=42", `--forcearch=${arch}`]
    const options = [...world, ...settings.map((setting) => `--setopt=${setting}`)]
    const repository = [`--repofrompath=exported,file://${path}`, "--repo=exported"]
    return runTool("dnf", ["--quiet", "--assumeyes", ...options, ...repository, ...args], {
      env: { HOME: folder, ...env },
      ...(exit === undefined ? {} : { exit })
    })
  }

  return {
    /** Any command. */
    run: dnf,
    /** Copies all packages of a repository into a folder: a plugin of dnf, which may lie unpacked in DISTGRAPH_DNF_PLUGINS. */
    reposync: (repository: DnfRepository, into: string, exit?: number): Promise<Printed> => {
      const apart = process.env["DISTGRAPH_DNF_PLUGINS"]
      const plugin = apart === undefined ? [] : [`--setopt=pluginpath=${apart}/dnf-plugins`]
      const args = ["reposync", "--setopt=plugins=1", ...plugin, `--download-path=${into}`, "--norepopath"]
      return dnf(repository, args, exit, apart === undefined ? {} : { PYTHONPATH: apart })
    },
    /** The file names of the packages that are installed on its machine, sorted. */
    installed: async (): Promise<ReadonlyArray<string>> => {
      const names = ["-qa", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm\\n"]
      // Debian's rpm keeps its database in the home directory
      const { stdout } = await runTool("rpm", ["--root", root, ...names], { env: { HOME: folder } })
      return sortedLines(stdout).filter((name) => !name.startsWith("gpg-pubkey-"))
    },
    /** What `repoquery` prints, as sorted lines. */
    query: async (repository: DnfRepository, ...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> =>
      sortedLines((await dnf(repository, ["repoquery", ...args])).stdout),
    /** All packages of a repository, as {@link rpmNevras} writes them. */
    nevras: async (repository: DnfRepository, ...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> =>
      sortedLines(
        (await dnf(repository, ["repoquery", "--qf", "%{name}-%{epoch}:%{version}-%{release}.%{arch}", ...args])).stdout
      ),
    /** Resolves packages with all that they need, for an empty machine, and fetches the files. */
    download: (repository: DnfRepository, into: string, packages: ReadonlyArray<string>): Promise<Printed> =>
      dnf(repository, ["install", "--downloadonly", `--destdir=${into}`, ...packages])
  }
}

/** Seconds that a zypper waits for another one: there can be one at a time on a machine, whatever its root. */
export const zypperWaits = { ZYPP_LOCK_TIMEOUT: "120" } as const

/** A zypper for a machine of an arch, with an empty root, cache and configuration in a folder of its own. */
export const zypperIn = (folder: string, arch: string) => {
  const root = join(folder, "root")
  mkdirSync(root, { recursive: true })
  const config = join(folder, "zypp.conf")
  writeFileSync(config, `[main]\narch = ${arch}\n`)
  const env = { ZYPP_CONF: config, ZYPP_LOGFILE: join(folder, "zypper.log"), HOME: folder, ...zypperWaits }
  const zypper = (args: ReadonlyArray<string>, exit = 0) =>
    runTool("zypper", ["--quiet", "--root", root, "--non-interactive", "--no-gpg-checks", ...args], { env, exit })

  return {
    add: (alias: string, path: string): Promise<Printed> =>
      zypper(["addrepo", "--no-gpgcheck", `file://${path}`, alias]),
    refresh: (): Promise<Printed> => zypper(["refresh"]),
    /** The NEVRAs of all repositories by alias, as {@link rpmNevras} writes them; source packages aside. */
    nevras: async (): Promise<ReadonlyMap<string, ReadonlyArray<string>>> => {
      const { stdout } = await zypper(["--xmlout", "search", "--details", "--type", "package"])
      const found = [...stdout.matchAll(/<solvable ([^>]*)\/>/g)].map(([, attributes = ""]) => {
        const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ""
        const edition = value("edition")
        const evr = edition.includes(":") ? edition : `0:${edition}`
        return { alias: value("repository"), nevra: `${value("name")}-${evr}.${value("arch")}` }
      })
      const grouped = Map.groupBy(found, ({ alias }) => alias)
      return new Map([...grouped].map(([alias, rows]) => [alias, rows.map(({ nevra }) => nevra).sort()]))
    },
    /** Resolves packages with all that they need, for an empty machine, and fetches the files into zypper's cache. */
    download: (alias: string, packages: ReadonlyArray<string>): Promise<Printed> =>
      zypper(["install", "--repo", alias, "--download-only", "--no-recommends", ...packages]),
    /** Where {@link download} puts the files of a repository. */
    packages: (alias: string): string => join(root, "var/cache/zypp/packages", alias, "Packages")
  }
}
