-- Sign-ins from new devices, for the start page. Valid on SQLite and PostgreSQL. The emails about them can't serve for that: they may be deleted
-- earlier, and an operator may send none.
ALTER TABLE sessions ADD COLUMN new_device BOOLEAN NOT NULL DEFAULT FALSE;   -- a version before sets none
CREATE INDEX sessions_of_new_devices ON sessions (user_id, created_at) WHERE new_device;
