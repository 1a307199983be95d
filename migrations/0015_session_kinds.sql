-- Kinds of sessions. Valid on SQLite and PostgreSQL.
ALTER TABLE sessions ADD COLUMN kind TEXT;   -- 'browser' or 'program'; empty: from before kinds, and not presented since
CREATE INDEX sessions_open ON sessions (user_id, kind) WHERE ended_at IS NULL;
