-- What many instances and long years need. Valid on SQLite and PostgreSQL.

-- The browser states. tower-sessions' own table, made here so that both databases name it alike and no schema of its own is
-- needed; what was in it lived for a day.
DROP TABLE IF EXISTS tower_sessions;
CREATE TABLE tower_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    data BYTEA NOT NULL,
    expiry_date TIMESTAMPTZ NOT NULL
);
CREATE INDEX tower_sessions_by_expiry ON tower_sessions (expiry_date);

-- What has run out is found without reading the rest.
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at);
CREATE INDEX outbox_by_end ON outbox (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX email_changes_by_time ON email_changes (requested_at);

-- Databases from before 0002 was mended have this one under its former name, which some servers do not give away within one transaction.
DROP INDEX IF EXISTS audit_events_of_subject;
CREATE INDEX IF NOT EXISTS audit_events_by_subject ON audit_events (subject_id, id);

-- Mails that were asked for by address alone: found by that, never among all that have no account.
CREATE INDEX outbox_of_recipient ON outbox (recipient);
CREATE INDEX outbox_by_user ON outbox (user_id) WHERE user_id IS NOT NULL;
DROP INDEX outbox_of_user;
