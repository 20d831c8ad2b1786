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
export const readXml = (bytes: Uint8Array, handler: XmlHandler): Either.Either<void, BadXml> =>
  Either.gen(function* () {
    const text = yield* decode(bytes)
    const problem = prologProblem(text) ?? parse(text, handler)
    if (problem !== null) yield* Either.left(new BadXml({ reason: problem }))
  })

/** Line ends are line feeds, as XML has it; a carriage return can only be a reference. */
const decode = (bytes: Uint8Array): Either.Either<string, BadXml> =>
  Either.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n"),
    catch: () => new BadXml({ reason: "it is not valid UTF-8" })
  })

/** What is wrong with what the parser does not look at closely: the declaration, characters, and names of entities. */
const prologProblem = (text: string): string | null => {
  const [declared = "", , encoding = "utf-8"] = declaration.exec(text) ?? []
  if (!/^(utf-8|us-ascii)$/i.test(encoding)) return `it is in ${encoding}, not in UTF-8`
  const [forbidden] = notXml.exec(text) ?? []
  if (forbidden !== undefined) {
    const code = forbidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")
    return `it has the character U+${code}, which XML cannot hold`
  }
  const markup = text.slice(declared.length).replace(withoutEntities, "")
  if (markup.includes("]]>")) return "it has ]]> where no CDATA section ends"
  if (/<\/?\s/.test(markup)) return "it has a < that begins nothing"
  const [entity] = strangeEntity.exec(markup) ?? []
  return entity === undefined ? null : `it has ${JSON.stringify(entity)}, which is none of XML's own entities`
}

const declaration =
  /^<\?xml\s+version\s*=\s*(?:"1\.\d"|'1\.\d')(?:\s+encoding\s*=\s*(["'])([A-Za-z][\w.-]*)\1)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>/
/** A name, and where the definition is that nobody reads; no declarations of its own. */
const doctypeWords =
  /^\s+[\p{L}_:][\p{L}\p{N}_:.-]*(?:\s+(?:SYSTEM|PUBLIC\s+(?:"[-'()+,./:=?;!*#@$%\w \r\n]*"|'[-()+,./:=?;!*#@$%\w \r\n]*'))\s+(?:"[^"]*"|'[^']*'))?\s*$/u
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
    if (doctype.includes("[")) {
      refuse("its document type has declarations of its own, which readers of metadata do not expand")
    } else if (!doctypeWords.test(doctype) || roots > 0) refuse("its document type is malformed")
  }
  reader.onprocessinginstruction = ({ body, name }) => {
    const isDeclaration = reader.startTagPosition === 1
    if (name.toLowerCase() === "xml" ? !isDeclaration || !declaration.test(text) : !properName.test(name)) {
      refuse(`<?${name} ${body}?> is malformed`)
    }
  }
  reader.onsgmldeclaration = () => refuse("it has a declaration outside its document type")
  reader.onopentag = ({ attributes, name }) => {
    const raw = text.slice(reader.startTagPosition, reader.position)
    if (raw.includes("<")) refuse(`an attribute of <${name}> has a < in it`)
    if ((raw.match(quoted) ?? []).length !== Object.keys(attributes).length) refuse(`<${name}> has an attribute twice`)
    if (depth === 0) roots += 1
    depth += 1
    if (roots > 1) refuse("it has several roots")
    if (![name, ...Object.keys(attributes)].every((word) => properName.test(word)))
      refuse(`<${name}> is no proper name`)
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

const quoted = /=\s*(?:"[^"]*"|'[^']*')/g
const properName = /^[\p{L}_:][\p{L}\p{N}\p{M}_:.\-·]*$/u
