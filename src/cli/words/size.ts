/** The bytes of a size as people type it, `500M`, `20G` or a number of bytes, in powers of 1024; undefined where it is none. */
export const bytesOfSize = (size: string): number | undefined => {
  const [, digits, unit = ""] = /^(\d{1,12}(?:\.\d{1,3})?)([KMGT]?)(?:i?B)?$/i.exec(size) ?? []
  return digits === undefined ? undefined : Math.round(Number(digits) * 1024 ** UNITS.indexOf(unit.toUpperCase()))
}

/** A size in bytes for people: `0 bytes`, `12.3 MiB`. */
export const sizeText = (bytes: number): string => {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  if (power === 0) return bytes === 1 ? "1 byte" : `${bytes} bytes`
  return `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}iB`
}

const UNITS = ["", "K", "M", "G", "T"]
