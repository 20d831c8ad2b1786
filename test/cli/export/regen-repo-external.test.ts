import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { metadataOf, repomdOf } from "../../export/published.ts"
import { type ExportRig, exportRig } from "../../kit/export-rig.ts"
import { fixture, fixtureNames } from "../../kit/fixtures.ts"
import { runHere } from "../run-cli.ts"

let rig: ExportRig
/** Serves the folder of the rig, and remembers what was asked for; the next few requests fail, if so told. */
const asked: Array<string> = []
let failures = 0
const server = createServer((request, response) => {
  asked.push(request.url ?? "")
  if (failures > 0) {
    failures -= 1
    if (failures % 2 === 0) response.writeHead(503).end()
    else request.socket.destroy()
    return
  }
  try {
    response.end(readFileSync(join(rig.folder, decodeURIComponent(request.url ?? ""))))
  } catch {
    response.writeHead(404).end()
  }
})
const web = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/` // it listens on a port

beforeAll(async () => {
  rig = await exportRig({ builds: ["hello-1.0-1"] })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  await external("one", /^(hello-1\.1|libgreet)/)
  await external("two", /./)
  await run("add-external-repo", "-t", "demo", "one", `${web()}one-$arch/`)
  await run("add-external-repo", "-t", "demo", "two", `file://${rig.folder}/two-$arch/`)
})
afterAll(() => {
  server.close()
  rig.close()
})

const run = (...args: ReadonlyArray<string>) =>
  runHere(args, { HOME: rig.folder, DISTGRAPH_TOPDIR: rig.topdir, DISTGRAPH_STORE: rig.store })
const json = async (...args: ReadonlyArray<string>) => JSON.parse((await run(...args, "--json", "--quiet")).stdout)

/** A repository of some fixtures for each arch of the tag. */
const external = async (name: string, files: RegExp): Promise<void> => {
  for (const arch of ["x86_64", "aarch64"]) {
    const folder = join(rig.folder, `${name}-${arch}`)
    mkdirSync(folder, { recursive: true })
    for (const file of fixtureNames("unsigned").filter((file) => files.test(file) && !file.endsWith(".src.rpm"))) {
      copyFileSync(fixture("unsigned", file), join(folder, file))
    }
    await run("createrepo", folder, "--compatibility", "--quiet")
  }
}

const places = (path: string, arch: string): ReadonlyArray<string> =>
  [...metadataOf(path, arch, "primary").matchAll(/<location ([^>]*)\/>/g)].map(([, place = ""]) => place)

describe("distgraph regen-repo with external repos", () => {
  let path = ""

  it("takes from them what the tag has not, source package by source package, the first repo first", async () => {
    const { repo, status } = await json("regen-repo", "demo")
    expect(status).toBe("published")
    path = repo.path
    const found = places(path, "x86_64")
    const one = `xml:base="${web()}one-x86_64"`
    const two = `xml:base="file://${rig.folder}/two-x86_64"`
    // hello is the tag's own, in whatever version; greet-doc is built from libgreet, which repo one has without it
    expect(found.filter((place) => place.includes("hello"))).toEqual([
      'href="toplink/packages/hello/1.0/1/x86_64/hello-1.0-1.x86_64.rpm"'
    ])
    expect(found).toContain(`${one} href="libgreet-2.0-3.x86_64.rpm"`)
    expect(found).not.toContain(`${two} href="libgreet-2.0-3.x86_64.rpm"`)
    expect(found).toContain(`${two} href="clockwork-3.2-4.x86_64.rpm"`)
    expect(found.filter((place) => place.includes("aarch64.rpm"))).toEqual([])
    const lists = ["filelists", "other"] as const
    for (const kind of lists) expect(metadataOf(path, "x86_64", kind).split("<package ")).toHaveLength(found.length + 1)
  })

  it("says where each package is from", () => {
    const [, href = ""] = /href="([^"]*-pkgorigins\.gz)"/.exec(repomdOf(path, "x86_64")) ?? []
    const origins = gunzipSync(readFileSync(join(path, "x86_64", href)))
      .toString()
      .split("\n")
    expect(origins).toContain(`libgreet-2.0-3.x86_64\t${web()}one-x86_64/`)
    expect(origins).toContain(`hello-1.0-1.x86_64\tfile://${rig.topdir}/`)
    expect(repomdOf(path, "x86_64")).toContain('<data type="origin">')
    expect(readFileSync(join(path, "x86_64/pkglist"), "utf8").trim().split("\n")).toHaveLength(1)
  })

  it("asks for no more than repomd.xml where nothing changed, and makes nothing", async () => {
    asked.length = 0
    expect(await json("regen-repo", "demo")).toMatchObject({ status: "unchanged", repo: { path } })
    expect(asked.sort()).toEqual(["/one-aarch64/repodata/repomd.xml", "/one-x86_64/repodata/repomd.xml"])
  })

  it("asks again where the server fails for a moment", async () => {
    asked.length = 0
    failures = 3
    expect(await json("regen-repo", "demo")).toMatchObject({ status: "unchanged", repo: { path } })
    expect(asked).toHaveLength(5)
  })

  it("makes a new repo where one of them changed", async () => {
    await external("one", /^(hello-1\.1|libgreet|minish)/)
    const { repo, status } = await json("regen-repo", "demo")
    expect(status).toBe("published")
    expect(places(repo.path, "x86_64")).toContain(`xml:base="${web()}one-x86_64" href="minish-5-2.x86_64.rpm"`)
  })

  it("leaves out what is blocked, but in mode bare", async () => {
    const minish = (found: ReadonlyArray<string>) => found.filter((place) => place.includes("minish")).length
    await run("block-pkg", "demo", "minish")
    expect(minish(places((await json("regen-repo", "demo")).repo.path, "x86_64"))).toBe(0)
    for (const name of ["one", "two"]) await run("edit-external-repo", name, "-t", "demo", "-m", "simple")
    const simple = places((await json("regen-repo", "demo")).repo.path, "x86_64")
    expect(minish(simple)).toBe(0)
    expect(simple.filter((place) => place.includes('"libgreet-2.0-3'))).toHaveLength(2)
    for (const name of ["one", "two"]) await run("edit-external-repo", name, "-t", "demo", "-m", "bare")
    const bare = places((await json("regen-repo", "demo")).repo.path, "x86_64")
    expect(minish(bare)).toBe(1)
    expect(bare.filter((place) => place.includes("hello-"))).toHaveLength(2)
  })

  it("refuses two modes at once, in Koji's words", async () => {
    await run("edit-external-repo", "two", "-t", "demo", "-m", "koji")
    const { code, stderr } = await run("regen-repo", "demo")
    expect({ code, error: stderr.trim().split("\n").at(-1) }).toEqual({
      code: 2,
      error: "distgraph: error: Found multiple merge modes for external repos: bare, koji"
    })
    await run("edit-external-repo", "one", "-t", "demo", "-m", "koji")
  })

  it("names all of them that cannot be read, or are not what they say, and makes nothing", async () => {
    const repodata = join(rig.folder, "one-x86_64/repodata")
    await external("one", /^weather/)
    for (const name of readdirSync(repodata).filter((name) => name.endsWith("primary.xml.gz"))) {
      const bytes = readFileSync(join(repodata, name))
      bytes[20] = 255 - (bytes[20] ?? 0)
      writeFileSync(join(repodata, name), bytes)
    }
    await run("edit-external-repo", "two", "--url", `file://${rig.folder}/nowhere/`)
    const before = readdirSync(join(rig.topdir, "repos/demo")).sort()
    const { code, stderr } = await run("regen-repo", "demo")
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /external repo http:\S+one-x86_64\/ cannot be read: .*is not the file whose sha256 repomd.xml has/
    )
    expect(stderr).toMatch(/external repo file:\S+nowhere\/ cannot be read: .*ENOENT/)
    expect(readdirSync(join(rig.topdir, "repos/demo")).sort()).toEqual(before)
  })
})
