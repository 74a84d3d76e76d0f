-- keyreeve schema 1. Everything here is read by SQLite 3.9 and newer: ordinary
-- tables, no STRICT, no generated columns. Times are Unix milliseconds UTC.

CREATE TABLE keyreeve_state (
  one            INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  schema_version INTEGER NOT NULL CHECK (typeof(schema_version) = 'integer'),
  change_counter INTEGER NOT NULL CHECK (typeof(change_counter) = 'integer'),
  database_id    TEXT    NOT NULL CHECK (typeof(database_id) = 'text'),
  claimed_at     INTEGER CHECK (typeof(claimed_at) IN ('integer', 'null'))
);

CREATE TABLE keyreeve_settings (
  name  TEXT NOT NULL PRIMARY KEY CHECK (typeof(name) = 'text'),
  value TEXT NOT NULL CHECK (typeof(value) = 'text')
);

CREATE TABLE keyreeve_keys (
  id             TEXT    NOT NULL PRIMARY KEY CHECK (typeof(id) = 'text' AND id <> ''),
  label          TEXT    CHECK (typeof(label) IN ('text', 'null') AND label <> ''),
  description    TEXT    CHECK (typeof(description) IN ('text', 'null')),
  owner          TEXT    CHECK (typeof(owner) IN ('text', 'null')),
  prefix         TEXT    CHECK (typeof(prefix) IN ('text', 'null')),
  masked         TEXT    NOT NULL CHECK (typeof(masked) = 'text'),
  scheme         TEXT    NOT NULL CHECK (scheme IN ('sha256', 'hmac-sha256', 'bcrypt', 'bcrypt72', 'argon2id')),
  hash           TEXT    NOT NULL CHECK (typeof(hash) = 'text' AND hash <> ''),
  role           TEXT    CHECK (typeof(role) IN ('text', 'null')),
  scopes         TEXT    NOT NULL DEFAULT '[]' CHECK (typeof(scopes) = 'text' AND substr(scopes, 1, 1) = '['),
  resource       TEXT    CHECK (typeof(resource) IN ('text', 'null') AND resource <> ''),
  networks       TEXT    NOT NULL DEFAULT '[]' CHECK (typeof(networks) = 'text' AND substr(networks, 1, 1) = '['),
  rate_limit     TEXT    CHECK (typeof(rate_limit) IN ('text', 'null') AND instr(rate_limit, '/') > 1),
  enabled        INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  not_before     INTEGER CHECK (typeof(not_before) IN ('integer', 'null')),
  expires_at     INTEGER CHECK (typeof(expires_at) IN ('integer', 'null')),
  created_at     INTEGER NOT NULL CHECK (typeof(created_at) = 'integer'),
  created_by     TEXT    CHECK (typeof(created_by) IN ('text', 'null')),
  revoked_at     INTEGER CHECK (typeof(revoked_at) IN ('integer', 'null')),
  revoked_by     TEXT    CHECK (typeof(revoked_by) IN ('text', 'null')),
  revoked_reason TEXT    CHECK (typeof(revoked_reason) IN ('text', 'null')),
  revoked_until  INTEGER CHECK (typeof(revoked_until) IN ('integer', 'null')),
  last_used_at   INTEGER CHECK (typeof(last_used_at) IN ('integer', 'null')),
  last_used_from TEXT    CHECK (typeof(last_used_from) IN ('text', 'null')),
  successor      TEXT    CHECK (typeof(successor) IN ('text', 'null')),
  predecessor    TEXT    CHECK (typeof(predecessor) IN ('text', 'null')),
  request_id     TEXT    CHECK (typeof(request_id) IN ('text', 'null')),
  metadata       TEXT    NOT NULL DEFAULT '{}' CHECK (typeof(metadata) = 'text' AND substr(metadata, 1, 1) = '{')
);

-- One read finds the key of a presented token.
CREATE UNIQUE INDEX keyreeve_keys_hash ON keyreeve_keys (hash);
-- Pages of a listing.
CREATE INDEX keyreeve_keys_newest ON keyreeve_keys (created_at DESC, id);
-- A label as a REF.
CREATE INDEX keyreeve_keys_label ON keyreeve_keys (label) WHERE label IS NOT NULL;
-- Guards look for another key that lasts.
CREATE INDEX keyreeve_keys_enabled ON keyreeve_keys (expires_at) WHERE enabled = 1;
CREATE INDEX keyreeve_keys_lifting ON keyreeve_keys (revoked_until) WHERE revoked_until IS NOT NULL;
-- Keys whose hash must be computed one by one.
CREATE INDEX keyreeve_keys_slow ON keyreeve_keys (scheme) WHERE scheme <> 'sha256';

CREATE TABLE keyreeve_audit (
  seq          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  at           INTEGER NOT NULL CHECK (typeof(at) = 'integer'),
  action       TEXT    NOT NULL CHECK (typeof(action) = 'text'),
  key_id       TEXT    CHECK (typeof(key_id) IN ('text', 'null')),
  user         TEXT    NOT NULL CHECK (typeof(user) = 'text'),
  claimed_user TEXT    CHECK (typeof(claimed_user) IN ('text', 'null')),
  host         TEXT    NOT NULL CHECK (typeof(host) = 'text'),
  process      TEXT    NOT NULL CHECK (typeof(process) = 'text'),
  reason       TEXT    CHECK (typeof(reason) IN ('text', 'null')),
  forced       INTEGER NOT NULL CHECK (forced IN (0, 1)),
  before       TEXT    CHECK (typeof(before) IN ('text', 'null')),
  after        TEXT    CHECK (typeof(after) IN ('text', 'null'))
);
CREATE INDEX keyreeve_audit_key ON keyreeve_audit (key_id, seq);

CREATE TABLE keyreeve_lockouts (
  address          TEXT    NOT NULL PRIMARY KEY CHECK (typeof(address) = 'text'),
  failures         INTEGER NOT NULL CHECK (typeof(failures) = 'integer'),
  first_failure_at INTEGER NOT NULL CHECK (typeof(first_failure_at) = 'integer'),
  locked_until     INTEGER CHECK (typeof(locked_until) IN ('integer', 'null'))
);

-- All keys that are usable now, with what a server must still enforce.
CREATE VIEW keyreeve_live_keys AS
  SELECT id, label, owner, masked, scheme, hash, role, scopes, resource, networks,
         CAST(substr(rate_limit, 1, instr(rate_limit, '/') - 1) AS INTEGER) AS rate_requests,
         CAST(substr(rate_limit, instr(rate_limit, '/') + 1) AS INTEGER) AS rate_window_ms,
         not_before, expires_at, created_at, last_used_at, metadata
    FROM keyreeve_keys
   WHERE (enabled = 1 OR revoked_until <= CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
     AND (expires_at IS NULL OR expires_at > CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))
     AND (not_before IS NULL OR not_before <= CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER));

-- The keys that are usable now with nothing left to enforce: a server that
-- looks only here fails closed on keys bound to a resource, a network or a rate.
CREATE VIEW keyreeve_usable_keys AS
  SELECT id, label, owner, hash, role, scopes, expires_at
    FROM keyreeve_live_keys
   WHERE scheme = 'sha256' AND resource IS NULL AND networks = '[]' AND rate_requests IS NULL;
