import { Data, Either } from "effect"
import sax from "sax"

/** A document that is not well-formed XML of the kind that metadata is. */
export class BadXml extends Data.TaggedError("BadXml")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** Told of the parts of a document in their order. */
export interface XmlHandler {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void
  /** Text within an element, without that of its children in the middle of it: it may come in pieces. */
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
}

/**
 * Reads an XML document in UTF-8, whose entities can only be XML's own five: a document that declares or uses others is refused, so none
 * is ever expanded. Names are as they stand, prefixes included.
 */
export const readXml = (bytes: Uint8Array, handler: XmlHandler): Either.Either<void, BadXml> => {
  const text = decode(bytes)
  if (Either.isLeft(text)) return text
  const reason = parse(text.right, handler)
  return reason === null ? Either.right(undefined) : Either.left(new BadXml({ reason }))
}

const decode = (bytes: Uint8Array): Either.Either<string, BadXml> => {
  const bad = (reason: string) => Either.left(new BadXml({ reason }))
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    const [, encoding = "utf-8"] = /^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(text) ?? []
    if (!/^(utf-8|us-ascii|ascii)$/i.test(encoding)) return bad(`it is in ${encoding}, not in UTF-8`)
    const [forbidden] = notXml.exec(text) ?? []
    if (forbidden !== undefined) {
      return bad(
        `it has the character U+${forbidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}, which XML cannot hold`
      )
    }
    const [entity] = strangeEntity.exec(text.replace(withoutEntities, "")) ?? []
    return entity === undefined
      ? Either.right(text)
      : bad(`it has ${JSON.stringify(entity)}, which is none of XML's own entities`)
  } catch {
    return bad("it is not valid UTF-8")
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: just those that XML 1.0 forbids
const notXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
/** Where an ampersand is only itself. */
const withoutEntities = /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>/gs
const strangeEntity = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)[^;\s<]{0,20};?/

/** The parser goes on behind an error if it is not stopped: the first one counts. */
const parse = (text: string, { close, open, text: onText }: XmlHandler): string | null => {
  let reason: string | null = null
  let depth = 0
  let roots = 0
  const reader = sax.parser(true, { position: true })
  const refuse = (problem: string): void => {
    reason ??= `${problem} (line ${reader.line + 1})`
  }
  reader.onerror = (error) => refuse(error.message.split("\n")[0]?.toLowerCase() ?? "")
  reader.ondoctype = (doctype) => {
    if (doctype.includes("["))
      refuse("its document type has declarations of its own, which readers of metadata do not expand")
  }
  reader.onopentag = ({ attributes, name }) => {
    if (depth === 0) roots += 1
    depth += 1
    if (roots > 1) refuse("it has several roots")
    // plain texts, as namespaces are not asked for
    if (reason === null) open?.(name, attributes as Readonly<Record<string, string>>)
  }
  reader.ontext = (piece) => {
    if (reason === null) onText?.(piece)
  }
  reader.oncdata = reader.ontext
  reader.onclosetag = (name) => {
    depth -= 1
    if (reason === null) close?.(name)
  }
  reader.write(text)
  if (reason === null) reader.close()
  if (roots === 0) refuse("it has no element")
  return reason
}
