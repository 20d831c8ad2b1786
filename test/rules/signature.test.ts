import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { Signature } from "../../rules/signature.ts"
import { runTool } from "../kit/clients.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixtureKeyFile } from "../kit/fixtures.ts"
import { describeWithTools } from "../kit/oracle.ts"

type Kit = ReturnType<typeof engineKit>

const repomd = (kit: Kit, text = "<repomd/>") => kit.give(Bytes, Buffer.from(text))
const byCommand = (command: string) => ({ _tag: "Command" as const, command })
const armor = "-----BEGIN PGP SIGNATURE-----"

describeWithTools("gpg")("a signature by gpg", () => {
  let home = ""
  const ownHome = process.env["GNUPGHOME"]
  const fingerprint = readFileSync(fixtureKeyFile("a", "public").replace("public.asc", "fingerprint"), "utf8").trim()

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "distgraph-signature-"))
    const keyring = join(home, "gnupg")
    mkdirSync(keyring, { mode: 0o700 })
    process.env["GNUPGHOME"] = keyring
    await runTool("gpg", ["--batch", "--quiet", "--import", fixtureKeyFile("a", "secret")])
  })
  afterAll(async () => {
    await runTool("gpgconf", ["--kill", "all"])
    if (ownHome === undefined) delete process.env["GNUPGHOME"]
    else process.env["GNUPGHOME"] = ownHome
    rmSync(home, { recursive: true, force: true })
  })

  it("is one that gpg finds good, beside the public key, and stays while repomd.xml does", async () => {
    const kit = engineKit()
    const signer = { _tag: "Gpg" as const, fingerprint }
    const { key, signature } = await kit.want(Signature, { repomd: repomd(kit), signer })
    const [file, text] = [join(home, "repomd.xml.asc"), join(home, "repomd.xml")]
    writeFileSync(file, kit.read(Bytes, signature))
    writeFileSync(text, "<repomd/>")
    expect((await runTool("gpg", ["--verify", file, text])).stderr).toContain("Good signature")
    const shown = await runTool("gpg", ["--show-keys", "--with-colons", fixtureKeyFile("a", "public")])
    writeFileSync(file, key === undefined ? "" : kit.read(Bytes, key))
    expect((await runTool("gpg", ["--show-keys", "--with-colons", file])).stdout).toBe(shown.stdout)
    await kit.want(Signature, { repomd: repomd(kit), signer })
    expect(kit.ran()).toEqual(["signature"])
  })

  it("with a key that is not there is an accident, which is not kept", async () => {
    const kit = engineKit()
    const signer = { _tag: "Gpg" as const, fingerprint: "0".repeat(40) }
    const { message } = await kit.failure(Signature, { repomd: repomd(kit), signer })
    expect(message).toContain(`repomd.xml cannot be signed: gpg with the key ${"0".repeat(40)} fails: `)
  })
})

describe("a signature by a command", () => {
  it("is what the command prints of repomd.xml; the key is the one given", async () => {
    const kit = engineKit()
    const key = kit.give(Bytes, Buffer.from("a public key"))
    const signer = { ...byCommand(`echo "${armor}"; tr a-z A-Z`), key }
    const made = await kit.want(Signature, { repomd: repomd(kit), signer })
    expect(Buffer.from(kit.read(Bytes, made.signature)).toString()).toBe(`${armor}\n<REPOMD/>`)
    expect(made.key).toBe(key)
  })

  it.each([
    ["prints something else", "cat", "cat does not print an ASCII-armored signature"],
    ["fails", "echo 'no token' >&2; exit 3", "echo 'no token' >&2; exit 3 fails: no token"]
  ])("that %s is an accident: it is tried again", async (_, command, reason) => {
    const kit = engineKit()
    const input = { repomd: repomd(kit), signer: byCommand(command) }
    expect((await kit.failure(Signature, input)).message).toContain(`repomd.xml cannot be signed: ${reason}`)
    kit.events()
    await kit.failure(Signature, input)
    expect(kit.events().map(({ _tag }) => _tag)).toContain("Failed")
  })
})
