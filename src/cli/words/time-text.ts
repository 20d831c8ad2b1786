const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** A time (Unix time in milliseconds) as C's asctime prints it, in local time or UTC: `Sun Nov 22 06:53:56 2026`. */
export const timeText = (time: number, { utc }: { readonly utc: boolean }): string => {
  // moved by the zone's offset, so that the UTC fields are the local ones
  const date = new Date(utc ? time : time - new Date(time).getTimezoneOffset() * 60_000)
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map((part) =>
    String(part).padStart(2, "0")
  )
  const day = String(date.getUTCDate()).padStart(2)
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${clock.join(":")} ${date.getUTCFullYear()}`
}
