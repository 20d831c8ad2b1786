import { serveActions } from "../graph/index.ts"
import { DistRepo } from "./dist-repo.ts"

// The entry file of the worker threads that compute the export's actions.
serveActions([DistRepo])
