import type { HubRpm } from "../../src/hub/model.ts"

/** For a content's reader that wants all rpms at hand. */
export const allRpms = (rpms: Iterable<HubRpm>): ReadonlyArray<HubRpm> => [...rpms]
