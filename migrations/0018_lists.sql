-- Lists that are read page by page, however many rows an account has. Valid on SQLite and PostgreSQL.

-- Sessions that have not ended, without those that have. Not sorted by last_seen_at: that changes with every minute of use, and would
-- then change the index as well.
CREATE INDEX sessions_in_use ON sessions (user_id, expires_at) WHERE ended_at IS NULL;

-- All sessions of an account, in the order of their start.
CREATE INDEX sessions_of_user_by_id ON sessions (user_id, id);
DROP INDEX sessions_of_user;

-- The emails of an account, and those that were asked for by address alone.
CREATE INDEX outbox_of_user_by_id ON outbox (user_id, id) WHERE user_id IS NOT NULL;
DROP INDEX outbox_by_user;
CREATE INDEX outbox_of_recipient_by_id ON outbox (recipient, id);
DROP INDEX outbox_of_recipient;
