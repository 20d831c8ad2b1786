import { existsSync, readdirSync, statSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

/** Makes all that a closed store's directory holds older by so many hours, as if it had lain about. */
export const ageStore = (directory: string, hours: number): void => {
  const home = join(directory, "v4")
  const milliseconds = hours * 3600_000
  const database = new DatabaseSync(join(home, "store.db"))
  database.exec(
    `UPDATE run SET started = started - ${milliseconds}, finished = finished - ${milliseconds};
     UPDATE moment SET at = at - ${milliseconds}`
  )
  database.close()
  for (const folder of ["blobs", "incoming"]) {
    if (!existsSync(join(home, folder))) continue
    for (const entry of readdirSync(join(home, folder), { recursive: true, encoding: "utf8" })) {
      const path = join(home, folder, entry)
      const then = (statSync(path).mtimeMs - milliseconds) / 1000
      utimesSync(path, then, then)
    }
  }
}
