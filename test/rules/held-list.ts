import { HeldPackages } from "../../rules/held-packages.ts"
import { RowsList } from "../../rules/rows-list.ts"
import type { engineKit } from "../kit/engine-kit.ts"
import { metadataRows } from "./metadata-rows.ts"

/** What a repository of these fixtures holds. */
export const heldList = async (kit: ReturnType<typeof engineKit>, files: ReadonlyArray<string>) => {
  const rows = kit.give(RowsList, [{ rows: await metadataRows(kit, files), first: "first" }])
  const held = await kit.want(HeldPackages, { rows })
  kit.ran()
  return held
}
