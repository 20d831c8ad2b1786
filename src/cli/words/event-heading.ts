import type { HubEvent } from "../../hub/model.ts"
import { timeText } from "./time-text.ts"

/** Koji's first line of a listing of the past. */
export const eventHeading = ({ id, time }: HubEvent): string =>
  `Querying at event ${id} (${timeText(time, { utc: false })})`
