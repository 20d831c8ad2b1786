import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { SignerRequest } from "../../src/export/signing-key.ts"
import { dnfIn, runTool, zypperWaits } from "../kit/clients.ts"
import { type ExportRig, exportRig } from "../kit/export-rig.ts"
import { fixtureKeyFile, fixtureKeys } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"

const publicKey = (key: "a" | "b") => fixtureKeyFile(key, "public")
const fingerprint = readFileSync(publicKey("a").replace("public.asc", "fingerprint"), "utf8").trim()
const gpg: SignerRequest = { _tag: "Gpg", key: fixtureKeys.a }
const command = (text: string, keyFile: string | null = null): SignerRequest => ({
  _tag: "Command",
  command: text,
  keyFile
})

describeWithTools(
  "gpg",
  "dnf",
  "zypper"
)("a signed repomd.xml", () => {
  let home = ""
  let rig: ExportRig
  const ownHome = process.env["GNUPGHOME"]

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "distgraph-gpg-"))
    const keyring = join(home, "gnupg")
    mkdirSync(keyring, { mode: 0o700 })
    process.env["GNUPGHOME"] = keyring
    await runTool("gpg", [
      "--batch",
      "--quiet",
      "--import",
      fixtureKeyFile("a", "secret"),
      fixtureKeyFile("b", "secret")
    ])
    rig = await exportRig()
  })
  afterAll(async () => {
    await runTool("gpgconf", ["--kill", "all"])
    if (ownHome === undefined) delete process.env["GNUPGHOME"]
    else process.env["GNUPGHOME"] = ownHome
    rig.close()
    rmSync(home, { recursive: true, force: true })
  })

  const signed = async (signer: SignerRequest, force = true) => {
    const { repo } = await rig.publish({ signer, force })
    return join(repo.path, "x86_64/repodata")
  }
  const verify = async (repodata: string) =>
    (await runTool("gpg", ["--verify", join(repodata, "repomd.xml.asc"), join(repodata, "repomd.xml")])).stderr

  it("is one that gpg finds good, with the public key beside it; it is not signed again while it stays", async () => {
    const repodata = await signed(gpg)
    expect(await verify(repodata)).toContain("Good signature")
    const shown = await runTool("gpg", ["--show-keys", "--with-colons", join(repodata, "repomd.xml.key")])
    expect(shown.stdout).toContain(`:${fingerprint}:`)
    const again = await signed(gpg)
    for (const name of ["repomd.xml", "repomd.xml.asc", "repomd.xml.key"]) {
      expect(readFileSync(join(again, name))).toEqual(readFileSync(join(repodata, name)))
    }
  })

  it("is read by dnf and zypper, and refused by both where it was tampered with", async () => {
    const repodata = await signed(gpg)
    const path = join(repodata, "..")
    const repository = {
      path,
      arch: "x86_64",
      platform: "platform:el9",
      trusted: [publicKey("a")],
      checksMetadata: true
    }
    const dnf = dnfIn(join(home, "dnf-good"))
    expect(await dnf.nevras(repository)).toContain("hello-0:1.0-1.x86_64")
    const zypper = (folder: string, exit: number) => {
      mkdirSync(join(home, folder, "root"), { recursive: true })
      const key = publicKey("a")
      const env = { HOME: join(home, folder), ZYPP_LOGFILE: join(home, folder, "zypper.log"), ...zypperWaits }
      const world = ["--root", join(home, folder, "root"), "--non-interactive"]
      return runTool("zypper", [...world, "addrepo", "--gpgcheck-strict", `file://${path}`, "exported"], { env })
        .then(() => runTool("rpm", ["--root", join(home, folder, "root"), "--import", key], { env }))
        .then(() => runTool("zypper", [...world, "refresh"], { env, exit }))
    }
    await zypper("zypper-good", 0)

    appendFileSync(join(repodata, "repomd.xml"), "<!-- tampered with -->\n")
    await expect(dnfIn(join(home, "dnf-bad")).nevras(repository)).rejects.toThrow(/repomd.xml GPG signature|gpg/i)
    await zypper("zypper-bad", 4)
    await expect(verify(repodata)).rejects.toThrow(/BAD signature/)
  })

  it("may be signed by a site's own command", async () => {
    const own = command(`gpg --batch --armor --local-user ${fixtureKeys.b} --detach-sign`, publicKey("b"))
    const repodata = await signed(own)
    expect(await verify(repodata)).toContain("Good signature")
    expect(readFileSync(join(repodata, "repomd.xml.key"))).toEqual(readFileSync(publicKey("b")))
  })

  it("signs each sub-repository, too", async () => {
    const { repo } = await rig.publish({ signer: gpg, splitDebuginfo: "own" })
    expect(await verify(join(repo.path, "x86_64/debug/repodata"))).toContain("Good signature")
  })

  it.each([
    ["a key that gpg has no secret of", { _tag: "Gpg", key: "DEADBEEFDEADBEEF" }, /gpg has no secret key "DEADBEEF/],
    [
      "a name that several keys have",
      { _tag: "Gpg", key: "distgraph" },
      /gpg has several secret keys "distgraph": [0-9A-F]{40}, /
    ],
    [
      "a command that fails",
      command("echo no agent >&2; exit 3"),
      /repomd.xml cannot be signed: echo no .* fails: no agent/
    ],
    ["a command that prints something else", command("echo hello"), /does not print an ASCII-armored signature/],
    [
      "a public key file that is missing",
      command("true", "/nowhere.asc"),
      /no such file or directory, open '\/nowhere.asc'/
    ]
  ] satisfies ReadonlyArray<[string, SignerRequest, RegExp]>)(
    "is not published with %s",
    async (_, signer, message) => {
      const before = await rig.repoStates()
      expect((await rig.exportFailure({ signer, force: true })).message).toMatch(message)
      expect(await rig.repoStates()).toEqual(before)
    }
  )

  it("is the same file as without a signature", async () => {
    const plain = await rig.publish({ force: true })
    expect(readFileSync(join(plain.repo.path, "x86_64/repodata/repomd.xml"))).toEqual(
      readFileSync(join(await signed(gpg), "repomd.xml"))
    )
  })
})
