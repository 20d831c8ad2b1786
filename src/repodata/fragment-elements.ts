/** An element's beginning or end in a package's fragment, with the text that follows it. */
export interface FragmentElement {
  readonly name: string
  /** `</name>` and nothing else. */
  readonly closes: boolean
  readonly attribute: (name: string) => string | null
  /** Up to the next element. */
  readonly text: () => string
}

/**
 * Goes through the elements of a fragment of primary.xml, filelists.xml or other.xml, in their order. Only for what was printed here: every
 * `<`, `>` and `"` of a text is escaped in it, which makes this many times faster than a reader of any XML.
 */
export const forEachElement = (fragment: string, use: (element: FragmentElement) => void): void => {
  for (const match of fragment.matchAll(pattern)) {
    const [, slash, name = "", attributes = "", text = ""] = match
    use({
      name,
      closes: slash === "/",
      attribute: (wanted) => {
        const start = attributes.indexOf(` ${wanted}="`)
        if (start < 0) return null
        const from = start + wanted.length + 3
        return unescaped(attributes.slice(from, attributes.indexOf('"', from)))
      },
      text: () => unescaped(text)
    })
  }
}

const pattern = /<(\/?)([a-z:-]+)((?: [a-z:]+="[^"]*")*)\/?>([^<]*)/g

const unescaped = (text: string): string =>
  text.includes("&") ? text.replace(/&(#?[a-z0-9]+);/g, (whole, name: string) => characters.get(name) ?? whole) : text

const characters: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["#9", "\t"],
  ["#10", "\n"],
  ["#13", "\r"]
])
