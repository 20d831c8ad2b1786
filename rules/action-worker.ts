import { serveActions } from "../graph/index.ts"
import { Createrepo } from "./createrepo.ts"
import { DistRepo } from "./dist-repo.ts"
import { InternalRepo } from "./internal-repo.ts"

// The entry file of the worker threads that compute the exports' actions.
serveActions([DistRepo, InternalRepo, Createrepo])
