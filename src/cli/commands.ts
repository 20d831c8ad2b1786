import { Import, ImportSig, ListHistory, ListTagged, TagBuild, UntagBuild, WriteSignedRpm } from "./build-specs.ts"
import { CreaterepoCommand } from "./createrepo-spec.ts"
import { DistRepo } from "./dist-repo-spec.ts"
import { AddExternalRepo, EditExternalRepo, ListExternalRepos, RemoveExternalRepo } from "./external-repo-specs.ts"
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
} from "./group-specs.ts"
import { AddPkg, BlockPkg, ListPkgs, UnblockPkg } from "./package-specs.ts"
import { RegenRepo, WaitRepo } from "./regen-repo-spec.ts"
import { DeleteRepo, ExpireRepo, ExpireRepos, ListRepos, PinRepo, RepoInfo, UnpinRepo } from "./repo-specs.ts"
import {
  AddTag,
  AddTagInheritance,
  EditTag,
  ListTagInheritance,
  ListTags,
  RemoveTagInheritance,
  TagInfo
} from "./tag-specs.ts"
import { AddVolume, ListVolumes } from "./volume-specs.ts"

/** All commands, in the order of the help. */
export const commands: ReadonlyArray<Command> = [
  command(AddTag, () => import("./add-tag.ts").then((module) => module.addTag)),
  command(EditTag, () => import("./edit-tag.ts").then((module) => module.editTag)),
  command(AddTagInheritance, () => import("./add-tag-inheritance.ts").then((module) => module.addTagInheritance)),
  command(RemoveTagInheritance, () =>
    import("./remove-tag-inheritance.ts").then((module) => module.removeTagInheritance)
  ),
  command(AddPkg, () => import("./add-pkg.ts").then((module) => module.addPkg)),
  command(BlockPkg, () => import("./block-pkg.ts").then((module) => module.blockPkg)),
  command(UnblockPkg, () => import("./unblock-pkg.ts").then((module) => module.unblockPkg)),
  command(AddGroup, () => import("./add-group.ts").then((module) => module.addGroup)),
  command(BlockGroup, () => import("./block-group.ts").then((module) => module.blockGroup)),
  command(UnblockGroup, () => import("./unblock-group.ts").then((module) => module.unblockGroup)),
  command(AddGroupPkg, () => import("./add-group-pkg.ts").then((module) => module.addGroupPkg)),
  command(BlockGroupPkg, () => import("./block-group-pkg.ts").then((module) => module.blockGroupPkg)),
  command(UnblockGroupPkg, () => import("./unblock-group-pkg.ts").then((module) => module.unblockGroupPkg)),
  command(AddGroupReq, () => import("./add-group-req.ts").then((module) => module.addGroupReq)),
  command(BlockGroupReq, () => import("./block-group-req.ts").then((module) => module.blockGroupReq)),
  command(UnblockGroupReq, () => import("./unblock-group-req.ts").then((module) => module.unblockGroupReq)),
  command(AddExternalRepo, () => import("./add-external-repo.ts").then((module) => module.addExternalRepo)),
  command(EditExternalRepo, () => import("./edit-external-repo.ts").then((module) => module.editExternalRepo)),
  command(RemoveExternalRepo, () => import("./remove-external-repo.ts").then((module) => module.removeExternalRepo)),
  command(AddVolume, () => import("./add-volume.ts").then((module) => module.addVolume)),
  command(Import, () => import("./import.ts").then((module) => module.importRpms)),
  command(ImportSig, () => import("./import-sig.ts").then((module) => module.importSig)),
  command(WriteSignedRpm, () => import("./write-signed-rpm.ts").then((module) => module.writeSignedRpm)),
  command(TagBuild, () => import("./tag-build.ts").then((module) => module.tagBuild)),
  command(UntagBuild, () => import("./untag-build.ts").then((module) => module.untagBuild)),
  command(ListTags, () => import("./list-tags.ts").then((module) => module.listTags)),
  command(TagInfo, () => import("./taginfo.ts").then((module) => module.tagInfo)),
  command(ListTagInheritance, () => import("./list-tag-inheritance.ts").then((module) => module.listTagInheritance)),
  command(ListPkgs, () => import("./list-pkgs.ts").then((module) => module.listPkgs)),
  command(ListGroups, () => import("./list-groups.ts").then((module) => module.listGroups)),
  command(ShowGroups, () => import("./show-groups.ts").then((module) => module.showGroups)),
  command(ListExternalRepos, () => import("./list-external-repos.ts").then((module) => module.listExternalRepos)),
  command(ListVolumes, () => import("./list-volumes.ts").then((module) => module.listVolumes)),
  command(ListTagged, () => import("./list-tagged.ts").then((module) => module.listTagged)),
  command(ListHistory, () => import("./list-history.ts").then((module) => module.listHistory)),
  command(DistRepo, () => import("./dist-repo.ts").then((module) => module.distRepo)),
  command(RegenRepo, () => import("./regen-repo.ts").then((module) => module.regenRepo)),
  command(WaitRepo, () => import("./wait-repo.ts").then((module) => module.waitRepo)),
  command(RepoInfo, () => import("./repoinfo.ts").then((module) => module.repoInfo)),
  command(ListRepos, () => import("./list-repos.ts").then((module) => module.listRepos)),
  command(ExpireRepo, () => import("./expire-repo.ts").then((module) => module.expireRepo)),
  command(DeleteRepo, () => import("./delete-repo.ts").then((module) => module.deleteRepo)),
  command(PinRepo, () => import("./pin-repo.ts").then((module) => module.pinRepo)),
  command(UnpinRepo, () => import("./unpin-repo.ts").then((module) => module.unpinRepo)),
  command(ExpireRepos, () => import("./expire-repos.ts").then((module) => module.expireRepos)),
  command(CreaterepoCommand, () => import("./createrepo.ts").then((module) => module.createrepo))
]
