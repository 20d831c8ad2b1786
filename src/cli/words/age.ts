/** The seconds of an age as people type it, `30m`, `8h`, `7d` or a number of seconds; undefined where it is none. */
export const secondsOfAge = (age: string): number | undefined => {
  const [, digits, unit = ""] = /^(\d{1,12})([smhd]?)$/.exec(age) ?? []
  return digits === undefined ? undefined : Number(digits) * ({ m: 60, h: 3600, d: 86_400 }[unit] ?? 1)
}

/** A time in milliseconds in whole units of the largest that there is one of: `3 days`, `1 hour`, `0 seconds`. */
export const ageText = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1]
  const count = Math.floor(seconds / length)
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60]
] as const
