import type { Header } from "../rpm/header.ts"
import { Tag } from "../rpm/tags.ts"
import { type Report, xmlAttribute, xmlText } from "./xml-text.ts"

/**
 * The `changelog` elements of a package, oldest first, as a byte string: of the newest `limit` entries, or of all if
 * `limit` is negative. Entries of the same second get different times, as createrepo_c gives them.
 */
export const changelogElements = (main: Header, limit: number, report: Report): string => {
  const times = main.numbers(Tag.changelogTime)
  const there = Math.min(times.length, main.count(Tag.changelogName), main.count(Tag.changelogText))
  const count = limit < 0 ? there : Math.min(limit, there)
  if (count === 0) return ""
  const authors = main.byteStrings(Tag.changelogName)
  const texts = main.byteStrings(Tag.changelogText)
  const dates = distinctTimes(times.slice(0, count))
  let xml = ""
  for (let i = count - 1; i >= 0; i -= 1) {
    const author = xmlAttribute(withoutTrailingSpaces(authors[i] ?? ""), "changelog author", report)
    xml += `  <changelog author="${author}" date="${dates[i]}">${xmlText(texts[i] ?? "", "changelog text", report)}</changelog>\n`
  }
  return xml
}

/**
 * Moves times (newest first) apart: when one equals its predecessor's original time, those already placed are pushed up
 * by a second as long as they collide. The reference compares in 32-bit signed arithmetic, so times from 2038 stay.
 */
const distinctTimes = (times: ReadonlyArray<number>): ReadonlyArray<number> => {
  const dates: Array<number> = []
  let last = 0
  for (const time of times) {
    if (time === last) {
      let taken = time | 0
      for (let i = dates.length - 1; i >= 0 && dates[i] === taken; i -= 1) {
        dates[i] = taken + 1
        taken = (taken + 1) | 0
      }
    } else {
      last = time
    }
    dates.push(time)
  }
  return dates
}

/** At least one character stays. */
const withoutTrailingSpaces = (author: string): string => {
  let end = author.length
  while (end > 1 && author.charCodeAt(end - 1) === 0x20) end -= 1
  return author.slice(0, end)
}
