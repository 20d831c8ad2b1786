import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { byteString, bytesOf, xmlAttribute, xmlText } from "../../src/repodata/xml-text.ts"

/** What a byte string becomes, as text, and what was reported. */
const text = (bytes: string) => run(xmlText, bytes)
const attribute = (bytes: string) => run(xmlAttribute, bytes)
const run = (escape_: typeof xmlText, bytes: string) => {
  const problems: Array<string> = []
  const result = escape_(bytes, "summary", (field, problem) => problems.push(`${field}: ${problem}`))
  return { xml: Buffer.from(bytesOf(result)).toString("utf8"), problems }
}

describe("text in XML", () => {
  it("escapes what libxml2 escapes in elements", () => {
    expect(text(`a&b<c>d"e'f\rg\nh\ti\x7f`).xml).toBe(`a&amp;b&lt;c&gt;d"e'f&#13;g\nh\ti\x7f`)
  })

  it("escapes what libxml2 escapes in attributes", () => {
    expect(attribute(`a&b<c>d"e'f\rg\nh\ti\x7f`).xml).toBe(`a&amp;b&lt;c&gt;d&quot;e'f&#13;g&#10;h&#9;i\x7f`)
  })

  it("leaves UTF-8 as it is, in attributes too", () => {
    expect(text(byteString("Škoda & 😀")).xml).toBe("Škoda &amp; 😀")
    expect(attribute(byteString("é")).xml).toBe("é")
  })

  it("takes what is no UTF-8 for Latin-1, of which the bytes 80 to BF are dropped", () => {
    expect(text("Skytt\xe4").xml).toBe("Skyttä")
    expect(text("a\x80\x9f\xa0\xbfb\xff").xml).toBe("abÿ")
    // one bad byte decides for the whole text: the continuation bytes of its good part are lost
    expect(text("\xc3\xa4 and \xe4").xml).toBe("Ã and ä")
    expect(text("cut off \xe2\x82").xml).toBe("cut off â")
    expect(text("\xf8\x88\x80\x80\x80").xml).toBe("ø")
  })

  it("replaces control characters, and says so", () => {
    expect(text("a\x01b\x1b[0m\x0c")).toEqual({
      xml: "a\ufffdb\ufffd[0m\ufffd",
      problems: ["summary: control character"]
    })
    expect(text("\x01\xe4").xml).toBe("\ufffdä")
    expect(text(`\x01${byteString("ä")}`).xml).toBe("\ufffdä")
  })

  it.each([
    ["U+FFFE", "\xef\xbf\xbe"],
    ["U+FFFF", "\xef\xbf\xbf"],
    ["a surrogate", "\xed\xa0\x80"],
    ["a code point above U+10FFFF", "\xf4\x90\x80\x80"],
    ["a lead byte above F4", "\xf7\xbf\xbf\xbf"],
    ["an overlong slash", "\xc0\xaf"],
    ["an overlong three-byte form", "\xe0\x80\xaf"],
    ["an overlong four-byte form", "\xf0\x80\x80\xaf"]
  ])("replaces %s, which passes for UTF-8 but is no XML", (_, bytes) => {
    expect(text(`x${bytes}y`)).toEqual({ xml: "x\ufffdy", problems: ["summary: not an XML character"] })
  })

  it("keeps the neighbours of those", () => {
    const fine = "\u0800 \ud7ff \ue000 \ufffd \u{10000} \u{10ffff} \u0080 \u07ff"
    expect(text(byteString(fine))).toEqual({ xml: fine, problems: [] })
  })

  it("is well-formed whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        for (const { xml } of [
          text(Buffer.from(bytes).toString("latin1")),
          attribute(Buffer.from(bytes).toString("latin1"))
        ]) {
          expect(xml.isWellFormed()).toBe(true)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that must not be there
          expect(xml).not.toMatch(/[\x00-\x08\x0b-\x1f\ufffe\uffff<>]|&(?!amp;|lt;|gt;|quot;|#13;|#10;|#9;)/)
        }
      }),
      { numRuns: 2000 }
    )
  })

  it("says the same after unescaping, for texts that XML can hold", () => {
    const unescaped = (xml: string) =>
      xml.replace(/&(amp|lt|gt|quot|#13|#10|#9);/g, (_, name: string) =>
        name.startsWith("#")
          ? String.fromCharCode(Number(name.slice(1)))
          : ({ amp: "&", lt: "<", gt: ">", quot: '"' }[name] ?? "")
      )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab&<>\"'\r\n\t é€😀") }), (value) => {
        expect(unescaped(text(byteString(value)).xml)).toBe(value)
        expect(unescaped(attribute(byteString(value)).xml)).toBe(value)
      })
    )
  })
})
