import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"

/**
 * `npm run demo`: fills a hub with the project's own small packages, exports a tag, updates one build and exports again, with the real
 * commands, shown as they would be typed.
 */
const demo = (): number => {
  const home = mkdtempSync(join(tmpdir(), "distgraph-demo-"))
  try {
    const run = commandsIn(home)
    say(`A hub of its own in ${home}; packages from test/fixtures.`)
    run("add-tag", "demo", "--arches", "x86_64 aarch64")
    run("add-pkg", "demo", "hello", "libgreet", "clockwork", "minish", "demo-release", "weather")
    run("import", "--quiet", ...packages("unsigned"))
    run("import-sig", "--quiet", ...packages("key-a"))
    run("tag-build", "demo", ...builds)
    say("The first export reads every package.")
    run("dist-repo", "demo", signingKey)
    say("Again: nothing changed, so nothing runs and no repo is made.")
    run("dist-repo", "demo", signingKey)
    say("One build is updated. What is exported now, and why?")
    run("tag-build", "demo", "hello-1.1-1")
    run("dist-repo", "demo", signingKey, "--explain")
    say("What clients see:")
    show(join(home, "topdir/repos-dist/demo"))
    return 0
  } catch (failure) {
    process.stderr.write(`the demo failed: ${failure instanceof Error ? failure.message : String(failure)}\n`)
    return 1
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const fixtures = join(import.meta.dirname, "../../test/fixtures/rpms")

/** Of the first test key. */
const signingKey = "69c29eff"

const builds = [
  "hello-1.0-1",
  "libgreet-2.0-3",
  "clockwork-3.2-4",
  "minish-5-2",
  "demo-release-42-1",
  "weather-2.0~rc1-1"
]

const packages = (copy: "unsigned" | "key-a"): ReadonlyArray<string> =>
  readdirSync(join(fixtures, copy))
    .sort()
    .map((name) => join(fixtures, copy, name))

const commandsIn =
  (home: string) =>
  (...args: ReadonlyArray<string>): void => {
    const typed = args.map((arg) => (arg.startsWith(fixtures) ? relative(join(fixtures, "../../.."), arg) : arg))
    const many = typed.length > 8 ? [...typed.slice(0, 4), `… (${typed.length - 4} more)`] : typed
    process.stdout.write(
      `\n$ distgraph ${many.map((arg) => (/\s/.test(arg) && !arg.startsWith("…") ? `'${arg}'` : arg)).join(" ")}\n`
    )
    const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
      stdio: "inherit",
      env: { ...process.env, DISTGRAPH_TOPDIR: join(home, "topdir"), DISTGRAPH_STORE: join(home, "store") }
    })
    if (status !== 0) throw new Error(`distgraph ${args[0]} exited with ${status}`)
  }

const say = (text: string): void => {
  process.stdout.write(`\n${text}\n`)
}

const show = (tagDir: string): void => {
  const latest = join(tagDir, "latest")
  for (const entry of readdirSync(latest, { recursive: true, encoding: "utf8" }).sort()) {
    if (entry.split("/").length <= 3) process.stdout.write(`  latest/${entry}\n`)
  }
  process.stdout.write(`\n${readFileSync(join(latest, "x86_64/repodata/repomd.xml"), "utf8")}`)
}

process.exitCode = demo()
