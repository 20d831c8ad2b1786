/** A time (Unix time in milliseconds) in local time with the zone's name, as Koji's `formatTimeLong`: `Sun, 22 Nov 2026 06:56:29 UTC`. */
export const longTimeText = (time: number): string => {
  const parts = new Map(FORMAT.formatToParts(new Date(time)).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ""
  const clock = `${part("hour")}:${part("minute")}:${part("second")}`
  return `${part("weekday")}, ${part("day")} ${part("month")} ${part("year")} ${clock} ${part("timeZoneName")}`
}

const FORMAT = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short"
})
