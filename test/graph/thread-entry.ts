import { serveActions } from "../../graph/index.ts"
import { Concert } from "./thread-rules.ts"

serveActions([Concert])
