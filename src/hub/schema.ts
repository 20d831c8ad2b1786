/** From when until when a row holds, and who began and ended it. */
const versioned = `create_event INTEGER NOT NULL REFERENCES event,
  revoke_event INTEGER REFERENCES event,
  creator TEXT NOT NULL,
  revoker TEXT`

/**
 * Tables of `hub.db`, as they were at first. What Koji keeps a history of is a row from `create_event` until `revoke_event` (exclusive; NULL
 * while it stands). Signatures, copies and rpms only come, at an event of their own, so that a content's stamp can tell
 * of them; builds, tags and packages keep their names for ever.
 */
const VERSION_1 = `
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tag_config (
  tag_id INTEGER NOT NULL REFERENCES tag,
  arches TEXT NOT NULL,
  locked INTEGER NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_config_active ON tag_config (tag_id) WHERE revoke_event IS NULL;
CREATE INDEX tag_config_tag ON tag_config (tag_id);

-- value: JSON text, NULL where the key is blocked
CREATE TABLE tag_extra (
  tag_id INTEGER NOT NULL REFERENCES tag,
  key TEXT NOT NULL,
  value TEXT,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_extra_active ON tag_extra (tag_id, key) WHERE revoke_event IS NULL;
CREATE INDEX tag_extra_tag ON tag_extra (tag_id);

CREATE TABLE tag_inheritance (
  tag_id INTEGER NOT NULL REFERENCES tag,
  parent_id INTEGER NOT NULL REFERENCES tag,
  priority INTEGER NOT NULL,
  maxdepth INTEGER,
  intransitive INTEGER NOT NULL,
  noconfig INTEGER NOT NULL,
  pkg_filter TEXT NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_inheritance_active ON tag_inheritance (tag_id, priority) WHERE revoke_event IS NULL;
CREATE INDEX tag_inheritance_tag ON tag_inheritance (tag_id);

CREATE TABLE package (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tag_package (
  tag_id INTEGER NOT NULL REFERENCES tag,
  package_id INTEGER NOT NULL REFERENCES package,
  blocked INTEGER NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_package_active ON tag_package (tag_id, package_id) WHERE revoke_event IS NULL;
CREATE INDEX tag_package_tag ON tag_package (tag_id, create_event);
CREATE INDEX tag_package_package ON tag_package (tag_id, package_id);

CREATE TABLE tag_package_owner (
  tag_id INTEGER NOT NULL REFERENCES tag,
  package_id INTEGER NOT NULL REFERENCES package,
  owner TEXT NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_package_owner_active ON tag_package_owner (tag_id, package_id) WHERE revoke_event IS NULL;

CREATE TABLE build (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  package_id INTEGER NOT NULL REFERENCES package,
  version TEXT NOT NULL,
  release TEXT NOT NULL,
  epoch INTEGER,
  owner TEXT NOT NULL,
  create_event INTEGER NOT NULL REFERENCES event,
  UNIQUE (package_id, version, release)
) STRICT;

-- sha256 and size are those of the file as it was imported: the primary copy, which may itself be signed
CREATE TABLE rpm (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  build_id INTEGER NOT NULL REFERENCES build,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  release TEXT NOT NULL,
  epoch INTEGER,
  arch TEXT NOT NULL,
  payloadhash TEXT NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  buildtime INTEGER NOT NULL,
  create_event INTEGER NOT NULL REFERENCES event,
  UNIQUE (name, version, release, arch)
) STRICT;
CREATE INDEX rpm_build ON rpm (build_id);
CREATE INDEX rpm_created ON rpm (create_event);

-- a stored signature header; sigkey '' is that of an unsigned file; sighash: md5 of the header's bytes
CREATE TABLE rpm_signature (
  rpm_id INTEGER NOT NULL REFERENCES rpm,
  sigkey TEXT NOT NULL,
  sighash TEXT NOT NULL,
  create_event INTEGER NOT NULL REFERENCES event,
  PRIMARY KEY (rpm_id, sigkey)
) STRICT, WITHOUT ROWID;
CREATE INDEX rpm_signature_created ON rpm_signature (create_event);

-- a signed copy that was written under data/signed/<sigkey>
CREATE TABLE rpm_copy (
  rpm_id INTEGER NOT NULL,
  sigkey TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  create_event INTEGER NOT NULL REFERENCES event,
  PRIMARY KEY (rpm_id, sigkey),
  FOREIGN KEY (rpm_id, sigkey) REFERENCES rpm_signature
) STRICT, WITHOUT ROWID;
CREATE INDEX rpm_copy_created ON rpm_copy (create_event);

CREATE TABLE tag_listing (
  tag_id INTEGER NOT NULL REFERENCES tag,
  build_id INTEGER NOT NULL REFERENCES build,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_listing_active ON tag_listing (tag_id, build_id) WHERE revoke_event IS NULL;
CREATE INDEX tag_listing_tag ON tag_listing (tag_id, create_event);
CREATE INDEX tag_listing_build ON tag_listing (build_id);
CREATE INDEX tag_listing_revoked ON tag_listing (tag_id, revoke_event) WHERE revoke_event IS NOT NULL;

-- state: Koji's numbers, 0 INIT, 1 READY, 2 EXPIRED, 3 DELETED, 4 PROBLEM
CREATE TABLE repo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tag_id INTEGER NOT NULL REFERENCES tag,
  create_event INTEGER NOT NULL REFERENCES event,
  state INTEGER NOT NULL,
  creation_time INTEGER NOT NULL,
  state_time INTEGER NOT NULL,
  content TEXT NOT NULL,
  options TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  root TEXT NOT NULL
) STRICT;
CREATE INDEX repo_tag ON repo (tag_id);
`

/**
 * What finds what happened since an event, and a file by its bytes, at the cost of what is found. The identity is random, so that a
 * database which was deleted and made anew is not taken for the old one.
 */
const VERSION_2 = `
CREATE TABLE identity (id TEXT NOT NULL) STRICT;
INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));
CREATE INDEX tag_package_revoked ON tag_package (tag_id, revoke_event) WHERE revoke_event IS NOT NULL;
CREATE INDEX tag_package_owner_package ON tag_package_owner (tag_id, package_id);
CREATE INDEX rpm_sha256 ON rpm (sha256);
CREATE INDEX rpm_copy_sha256 ON rpm_copy (sha256);
CREATE INDEX repo_state ON repo (tag_id, state);
CREATE INDEX repo_state_event ON repo (tag_id, state, create_event);
`

/**
 * What internal repos and the life of repos need: tag groups, external repos, volumes, and what Koji's repo rows have. A repo's volume is
 * NULL where it is DEFAULT. `opts` and `custom_opts` are JSON, NULL in dist repos, as is `task_id` in all.
 */
const VERSION_3 = `
CREATE TABLE tag_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE group_config (
  tag_id INTEGER NOT NULL REFERENCES tag,
  group_id INTEGER NOT NULL REFERENCES tag_group,
  blocked INTEGER NOT NULL,
  exported INTEGER NOT NULL,
  display_name TEXT NOT NULL,
  is_default INTEGER,
  uservisible INTEGER NOT NULL,
  description TEXT,
  langonly TEXT,
  biarchonly INTEGER NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX group_config_active ON group_config (tag_id, group_id) WHERE revoke_event IS NULL;
CREATE INDEX group_config_tag ON group_config (tag_id);

CREATE TABLE group_package (
  tag_id INTEGER NOT NULL REFERENCES tag,
  group_id INTEGER NOT NULL REFERENCES tag_group,
  package TEXT NOT NULL,
  blocked INTEGER NOT NULL,
  type TEXT NOT NULL,
  basearchonly INTEGER,
  requires TEXT,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX group_package_active ON group_package (tag_id, group_id, package) WHERE revoke_event IS NULL;
CREATE INDEX group_package_tag ON group_package (tag_id);

CREATE TABLE group_requirement (
  tag_id INTEGER NOT NULL REFERENCES tag,
  group_id INTEGER NOT NULL REFERENCES tag_group,
  required_id INTEGER NOT NULL REFERENCES tag_group,
  blocked INTEGER NOT NULL,
  type TEXT NOT NULL,
  is_metapkg INTEGER NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX group_requirement_active ON group_requirement (tag_id, group_id, required_id) WHERE revoke_event IS NULL;
CREATE INDEX group_requirement_tag ON group_requirement (tag_id);

CREATE TABLE external_repo (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE external_repo_config (
  external_repo_id INTEGER NOT NULL REFERENCES external_repo,
  url TEXT NOT NULL,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX external_repo_config_active ON external_repo_config (external_repo_id) WHERE revoke_event IS NULL;
CREATE INDEX external_repo_config_repo ON external_repo_config (external_repo_id);

CREATE TABLE tag_external_repo (
  tag_id INTEGER NOT NULL REFERENCES tag,
  external_repo_id INTEGER NOT NULL REFERENCES external_repo,
  priority INTEGER NOT NULL,
  merge_mode TEXT NOT NULL,
  arches TEXT,
  ${versioned}
) STRICT;
CREATE UNIQUE INDEX tag_external_repo_active ON tag_external_repo (tag_id, external_repo_id) WHERE revoke_event IS NULL;
CREATE UNIQUE INDEX tag_external_repo_priority ON tag_external_repo (tag_id, priority) WHERE revoke_event IS NULL;
CREATE INDEX tag_external_repo_tag ON tag_external_repo (tag_id);

CREATE TABLE volume (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO volume (id, name) VALUES (0, 'DEFAULT');

ALTER TABLE repo ADD COLUMN dist INTEGER NOT NULL DEFAULT 1;
ALTER TABLE repo ADD COLUMN volume_id INTEGER REFERENCES volume;
ALTER TABLE repo ADD COLUMN begin_event INTEGER REFERENCES event;
ALTER TABLE repo ADD COLUMN end_event INTEGER REFERENCES event;
ALTER TABLE repo ADD COLUMN opts TEXT;
ALTER TABLE repo ADD COLUMN custom_opts TEXT;
ALTER TABLE repo ADD COLUMN task_id INTEGER;
ALTER TABLE repo ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
DROP INDEX repo_state;
DROP INDEX repo_state_event;
CREATE INDEX repo_kind_state ON repo (tag_id, dist, state);
CREATE INDEX repo_kind_state_event ON repo (tag_id, dist, state, create_event);
`

/**
 * Builds on volumes, NULL where it is DEFAULT, and the journal of their moves: a row is there from before the first file is copied until
 * nothing is left of the old place.
 */
const VERSION_4 = `
ALTER TABLE build ADD COLUMN volume_id INTEGER REFERENCES volume;

CREATE TABLE build_move (
  build_id INTEGER PRIMARY KEY REFERENCES build,
  from_id INTEGER REFERENCES volume,
  to_id INTEGER REFERENCES volume,
  copied INTEGER NOT NULL
) STRICT;
`

/** The first makes a new database, each further one the next version of it. Those that were released never change. */
export const SCHEMA_STEPS: ReadonlyArray<string> = [VERSION_1, VERSION_2, VERSION_3, VERSION_4]

/** The version that the steps lead to, kept in the database's `user_version`. */
export const SCHEMA_VERSION = SCHEMA_STEPS.length
