import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Either } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { readXml } from "../../src/repodata/xml-reader.ts"
import { runTool } from "../kit/clients.ts"
import { seeded } from "../kit/engine-scheduler.ts"
import { describeWithShared, describeWithTools, sharedPath } from "../kit/oracle.ts"

/** What is taken into a repository as it is must be XML for its readers too: here for expat, by Python. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distgraph-xml-reader-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

const script = `
import json, sys
from xml.parsers import expat
verdicts = []
for document in json.load(open(sys.argv[1])):
    try:
        expat.ParserCreate().Parse(bytes.fromhex(document), True)
        verdicts.append(True)
    except Exception:
        verdicts.append(False)
print(json.dumps(verdicts))
`

const expatTakes = async (documents: ReadonlyArray<Uint8Array>): Promise<ReadonlyArray<boolean>> => {
  const file = join(folder, "documents.json")
  writeFileSync(file, JSON.stringify(documents.map((document) => Buffer.from(document).toString("hex"))))
  return JSON.parse((await runTool("python3", ["-c", script, file])).stdout)
}

const weTake = (document: Uint8Array): boolean => Either.isRight(readXml(document, {}))

const seed = Number(process.env["DISTGRAPH_SEED"] ?? Math.trunc(Math.random() * 2 ** 31))

describeWithTools("python3")("the XML reader, compared with expat", () => {
  const document =
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">\n' +
    '<comps a="1" b=\'2\'><!-- a comment & more --><group x="&lt;&#65;&#x42;"><name xml:lang="de">Größe &amp; ä</name><e/></group>\n' +
    "<![CDATA[ raw & <text> ]]><?pi data?></comps>\n<!-- end -->\n"
  const pieces = [
    "<",
    ">",
    "&",
    "&amp;",
    "&x;",
    "&#0;",
    "</comps>",
    "<a>",
    '"',
    "'",
    "]]>",
    "--",
    "<!--",
    "<?xml?>",
    " a='1'",
    "\u0001",
    "=",
    "/",
    "!",
    "é",
    "\n"
  ]

  it(`refuses whatever expat refuses, of 3,000 documents that went wrong (DISTGRAPH_SEED=${seed})`, async () => {
    const random = seeded(seed)
    const at = (length: number) => Math.floor(random() * length)
    const documents = Array.from({ length: 3000 }, () => {
      let text = document
      for (let changes = 1 + at(2); changes > 0; changes -= 1) {
        const place = at(text.length)
        const piece = random() < 0.6 ? (pieces[at(pieces.length)] ?? "") : ""
        text = text.slice(0, place) + piece + text.slice(place + at(4))
      }
      return Buffer.from(text)
    })
    const expat = await expatTakes(documents)
    const wrong = documents.filter((bytes, index) => weTake(bytes) && expat[index] === false).map(String)
    expect(wrong).toEqual([])
    // and is no mere refusal of everything
    expect(documents.filter(weTake).length).toBeGreaterThan(documents.length / 10)
  })

  it("takes the document itself", async () => {
    expect([weTake(Buffer.from(document)), await expatTakes([Buffer.from(document)])]).toEqual([true, [true]])
  })

  describeWithShared("repodata")("on real metadata", () => {
    it("takes what expat takes, but for documents with entities of their own or in another encoding", async () => {
      const files = readdirSync(sharedPath("repodata"), { recursive: true, encoding: "utf8" }).filter((path) =>
        path.endsWith(".xml")
      )
      const documents = files.map((path) => readFileSync(sharedPath("repodata", path)))
      const expat = await expatTakes(documents)
      const different = files.filter((_, index) => expat[index] !== weTake(documents[index] ?? Buffer.of()))
      expect(different).toEqual([])
      expect(files.length).toBeGreaterThan(20)
    })
  })
})
