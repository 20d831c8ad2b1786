import { describe, expect, it } from "vitest"
import { Bytes } from "../../graph/index.ts"
import { Repodata } from "../../rules/repodata.ts"
import { engineKit } from "../kit/engine-kit.ts"
import { fixturePath, fixtureRows, fixtureSet } from "./fixture-rows.ts"
import { namesIn, textOf } from "./read-directory.ts"

type Kit = ReturnType<typeof engineKit>

const armor = "-----BEGIN PGP SIGNATURE-----"

const inputOf = async (kit: Kit, rows = fixtureRows()) => ({
  name: "",
  set: await fixtureSet(kit, { rows }),
  stamp: { event: 7, time: 1_700_000_000 },
  compression: "gz" as const,
  changelogLimit: 10,
  openChecksum: true
})

const usual = ["filelists.xml.gz", "other.xml.gz", "primary.xml.gz", "repomd.xml"]

describe("the folder repodata", () => {
  it("has the files that repomd.xml names, and itself", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repodata, rpms } = await kit.want(Repodata, await inputOf(kit))
    expect(namesIn(kit, repodata).toSorted()).toEqual(usual)
    const primary = textOf(kit, repodata, "primary.xml.gz")
    expect(primary).toContain(`packages="${rpms}"`)
    expect(primary.match(/<package type="rpm">/g)).toHaveLength(rpms)
  })

  it("places the packages of a sub-repository where the way to them leads", async () => {
    const kit = engineKit({ path: fixturePath })
    const { repodata } = await kit.want(Repodata, { ...(await inputOf(kit)), name: "debug", prefix: "../" })
    expect(textOf(kit, repodata, "primary.xml.gz")).toContain('<location href="../Packages/m/minish-5-2.x86_64.rpm"/>')
    expect(kit.ran()).toContain("repodata debug")
  })

  it("has the signature and the key of repomd.xml where it is signed, made anew only with repomd.xml", async () => {
    const kit = engineKit({ path: fixturePath })
    const key = kit.give(Bytes, Buffer.from("a public key"))
    const signer = { _tag: "Command" as const, command: `echo "${armor}"; cat`, key }
    const input = { ...(await inputOf(kit)), signer }
    const { repodata } = await kit.want(Repodata, input)
    expect(namesIn(kit, repodata).toSorted()).toEqual([...usual, "repomd.xml.asc", "repomd.xml.key"])
    expect(textOf(kit, repodata, "repomd.xml.asc")).toBe(`${armor}\n${textOf(kit, repodata, "repomd.xml")}`)
    kit.ran()
    await kit.want(Repodata, { ...input, stamp: { event: 8, time: 1_800_000_000 } })
    expect(kit.ran()).toEqual(["repodata", "repomd", "signature"])
  })

  it("lists a file that was given, and warns where it does not fit", async () => {
    const kit = engineKit({ path: fixturePath })
    const comps =
      "<comps><group><id>g</id><packagelist><packagereq>minish</packagereq><packagereq>gone</packagereq></packagelist></group></comps>"
    const content = kit.give(Bytes, Buffer.from(comps))
    const { fileWarnings, repodata } = await kit.want(Repodata, {
      ...(await inputOf(kit)),
      additional: [{ type: "group", name: "comps.xml", content, compression: null }],
      filterComps: "packages",
      rpmArches: ["x86_64", "noarch"]
    })
    expect(namesIn(kit, repodata)).toContain("comps.xml")
    expect(textOf(kit, repodata, "repomd.xml")).toContain('<data type="group">')
    expect(fileWarnings).toEqual(["packages that the repository does not hold are left out of comps groups: gone"])
  })
})
