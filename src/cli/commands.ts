import {
  Import,
  ImportSig,
  ListHistory,
  ListTagged,
  TagBuild,
  UntagBuild,
  WriteSignedRpm
} from "./builds/build-specs.ts"
import { AddVolume, ListVolumes, SetBuildVolume } from "./builds/volume-specs.ts"
import { CreaterepoCommand } from "./export/createrepo-spec.ts"
import { DistRepo } from "./export/dist-repo-spec.ts"
import { RegenRepo, WaitRepo } from "./export/regen-repo-spec.ts"
import { Watch } from "./export/watch-spec.ts"
import {
  AddExternalRepo,
  EditExternalRepo,
  ListExternalRepos,
  RemoveExternalRepo
} from "./external-repos/external-repo-specs.ts"
import { type Command, command } from "./frame/command.ts"
import {
  AddGroup,
  AddGroupPkg,
  AddGroupReq,
  BlockGroup,
  BlockGroupPkg,
  BlockGroupReq,
  ListGroups,
  ShowGroups,
  UnblockGroup,
  UnblockGroupPkg,
  UnblockGroupReq
} from "./groups/group-specs.ts"
import { AddPkg, BlockPkg, ListPkgs, UnblockPkg } from "./packages/package-specs.ts"
import { DeleteRepo, ExpireRepo, ExpireRepos, ListRepos, PinRepo, RepoInfo, UnpinRepo } from "./repos/repo-specs.ts"
import { Gc } from "./store/store-specs.ts"
import {
  AddTag,
  AddTagInheritance,
  EditTag,
  ListTagInheritance,
  ListTags,
  RemoveTagInheritance,
  TagInfo
} from "./tags/tag-specs.ts"

/** All commands, in the order of the help. */
export const commands: ReadonlyArray<Command> = [
  command(AddTag, () => import("./tags/add-tag.ts").then((module) => module.addTag)),
  command(EditTag, () => import("./tags/edit-tag.ts").then((module) => module.editTag)),
  command(AddTagInheritance, () => import("./tags/add-tag-inheritance.ts").then((module) => module.addTagInheritance)),
  command(RemoveTagInheritance, () =>
    import("./tags/remove-tag-inheritance.ts").then((module) => module.removeTagInheritance)
  ),
  command(AddPkg, () => import("./packages/add-pkg.ts").then((module) => module.addPkg)),
  command(BlockPkg, () => import("./packages/block-pkg.ts").then((module) => module.blockPkg)),
  command(UnblockPkg, () => import("./packages/unblock-pkg.ts").then((module) => module.unblockPkg)),
  command(AddGroup, () => import("./groups/add-group.ts").then((module) => module.addGroup)),
  command(BlockGroup, () => import("./groups/block-group.ts").then((module) => module.blockGroup)),
  command(UnblockGroup, () => import("./groups/unblock-group.ts").then((module) => module.unblockGroup)),
  command(AddGroupPkg, () => import("./groups/add-group-pkg.ts").then((module) => module.addGroupPkg)),
  command(BlockGroupPkg, () => import("./groups/block-group-pkg.ts").then((module) => module.blockGroupPkg)),
  command(UnblockGroupPkg, () => import("./groups/unblock-group-pkg.ts").then((module) => module.unblockGroupPkg)),
  command(AddGroupReq, () => import("./groups/add-group-req.ts").then((module) => module.addGroupReq)),
  command(BlockGroupReq, () => import("./groups/block-group-req.ts").then((module) => module.blockGroupReq)),
  command(UnblockGroupReq, () => import("./groups/unblock-group-req.ts").then((module) => module.unblockGroupReq)),
  command(AddExternalRepo, () =>
    import("./external-repos/add-external-repo.ts").then((module) => module.addExternalRepo)
  ),
  command(EditExternalRepo, () =>
    import("./external-repos/edit-external-repo.ts").then((module) => module.editExternalRepo)
  ),
  command(RemoveExternalRepo, () =>
    import("./external-repos/remove-external-repo.ts").then((module) => module.removeExternalRepo)
  ),
  command(AddVolume, () => import("./builds/add-volume.ts").then((module) => module.addVolume)),
  command(SetBuildVolume, () => import("./builds/set-build-volume.ts").then((module) => module.setBuildVolume)),
  command(Import, () => import("./builds/import.ts").then((module) => module.importRpms)),
  command(ImportSig, () => import("./builds/import-sig.ts").then((module) => module.importSig)),
  command(WriteSignedRpm, () => import("./builds/write-signed-rpm.ts").then((module) => module.writeSignedRpm)),
  command(TagBuild, () => import("./builds/tag-build.ts").then((module) => module.tagBuild)),
  command(UntagBuild, () => import("./builds/untag-build.ts").then((module) => module.untagBuild)),
  command(ListTags, () => import("./tags/list-tags.ts").then((module) => module.listTags)),
  command(TagInfo, () => import("./tags/taginfo.ts").then((module) => module.tagInfo)),
  command(ListTagInheritance, () =>
    import("./tags/list-tag-inheritance.ts").then((module) => module.listTagInheritance)
  ),
  command(ListPkgs, () => import("./packages/list-pkgs.ts").then((module) => module.listPkgs)),
  command(ListGroups, () => import("./groups/list-groups.ts").then((module) => module.listGroups)),
  command(ShowGroups, () => import("./groups/show-groups.ts").then((module) => module.showGroups)),
  command(ListExternalRepos, () =>
    import("./external-repos/list-external-repos.ts").then((module) => module.listExternalRepos)
  ),
  command(ListVolumes, () => import("./builds/list-volumes.ts").then((module) => module.listVolumes)),
  command(ListTagged, () => import("./builds/list-tagged.ts").then((module) => module.listTagged)),
  command(ListHistory, () => import("./builds/list-history.ts").then((module) => module.listHistory)),
  command(DistRepo, () => import("./export/dist-repo.ts").then((module) => module.distRepo)),
  command(Watch, () => import("./export/watch.ts").then((module) => module.watch)),
  command(RegenRepo, () => import("./export/regen-repo.ts").then((module) => module.regenRepo)),
  command(WaitRepo, () => import("./repos/wait-repo.ts").then((module) => module.waitRepo)),
  command(RepoInfo, () => import("./repos/repoinfo.ts").then((module) => module.repoInfo)),
  command(ListRepos, () => import("./repos/list-repos.ts").then((module) => module.listRepos)),
  command(ExpireRepo, () => import("./repos/expire-repo.ts").then((module) => module.expireRepo)),
  command(DeleteRepo, () => import("./repos/delete-repo.ts").then((module) => module.deleteRepo)),
  command(PinRepo, () => import("./repos/pin-repo.ts").then((module) => module.pinRepo)),
  command(UnpinRepo, () => import("./repos/unpin-repo.ts").then((module) => module.unpinRepo)),
  command(ExpireRepos, () => import("./repos/expire-repos.ts").then((module) => module.expireRepos)),
  command(CreaterepoCommand, () => import("./export/createrepo.ts").then((module) => module.createrepo)),
  command(Gc, () => import("./store/gc.ts").then((module) => module.gc))
]
