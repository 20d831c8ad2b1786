import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { readXml } from "../../src/repodata/xml-reader.ts"

const told = (document: string | Uint8Array): ReadonlyArray<string> | string => {
  const events: Array<string> = []
  const read = readXml(typeof document === "string" ? Buffer.from(document) : document, {
    open: (name, attributes) => events.push(`<${name}${JSON.stringify(attributes)}>`),
    text: (text) => events.push(text),
    close: (name) => events.push(`</${name}>`)
  })
  return Either.match(read, { onLeft: ({ reason }) => reason, onRight: () => events })
}

describe("an XML document", () => {
  it("is told part by part, with the characters that entities stand for", () => {
    expect(told(`\ufeff<?xml version="1.0"?><a:b xml:c="1 &lt; 2"><d/>&#228;&amp;<![CDATA[<&]]></a:b>`)).toEqual([
      '<a:b{"xml:c":"1 < 2"}>',
      "<d{}>",
      "</d>",
      "ä&",
      "<&",
      "</a:b>"
    ])
  })

  it("has line feeds at the ends of its lines, but for references", () => {
    expect(told("<a>b\r\nc\rd\n&#13;</a>")).toEqual(["<a{}>", "b\nc\nd\n\r", "</a>"])
  })

  it.each([
    ["", "it has no element"],
    ["<a>", "unclosed root tag"],
    ["<a></b>", "unexpected close tag"],
    ["<a/><b/>", "it has several roots"],
    ["<a b='1' b='2'/>", "<a> has an attribute twice"],
    ["<a b='<'/>", "an attribute of <a> has a < in it"],
    ["<a>]]></a>", "it has ]]> where no CDATA section ends"],
    ["<a>\u0001</a>", "it has the character U+0001"],
    ["<a>&nbsp;</a>", '"&nbsp;", which is none of XML\'s own entities'],
    ["<a>&constructor;</a>", "none of XML's own entities"],
    ["<a>&AMP;</a>", "none of XML's own entities"],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a/>', "declarations of its own"],
    ['<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>', "declarations of its own"],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "it is in ISO-8859-1, not in UTF-8"],
    [Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]), "it is not valid UTF-8"]
  ])("that is %j is refused", (document, reason) => {
    expect(told(document)).toContain(reason)
  })

  it("that would expand to gigabytes is refused in no time", () => {
    const entities = Array.from({ length: 30 }, (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};">`).join("")
    expect(told(`<!DOCTYPE a [<!ENTITY e0 "aaaa">${entities}]><a>&e30;</a>`)).toContain("none of XML's own entities")
  })
})
