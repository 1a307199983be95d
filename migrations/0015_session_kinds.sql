-- Kinds of sessions. Valid on SQLite and PostgreSQL.
ALTER TABLE sessions ADD COLUMN kind TEXT;   -- 'browser' or 'program'; empty: from before kinds, and not presented since
