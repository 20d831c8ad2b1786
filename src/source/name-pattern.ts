/**
 * A glob of createrepo_c's kind (GLib's): `*` is any text, also with slashes in it, `?` any one character, all else stands for itself.
 * Gives a test for whole texts.
 */
export const namePattern = (glob: string): ((text: string) => boolean) => {
  const source = glob.replace(/[\\^$.*+?()[\]{}|/]/g, (char) =>
    char === "*" ? ".*" : char === "?" ? "." : `\\${char}`
  )
  // several stars in a row mean one, and would only slow the search down
  const pattern = new RegExp(`^${source.replace(/(\.\*)+/g, ".*")}$`, "su")
  return (text) => pattern.test(text)
}
