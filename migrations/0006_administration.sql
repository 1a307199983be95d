-- A server that one person runs for many. Valid on SQLite and PostgreSQL.

-- Found by name whatever its letters; kept by the program, which knows more letters than the database.
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE users SET name_key = LOWER(username);

-- Listed in four orders, page by page.
CREATE INDEX users_by_creation ON users (created_at, id);
CREATE INDEX users_by_name ON users (name_key, id);
CREATE INDEX users_by_sign_in ON users ((COALESCE(last_sign_in_at, 0)), id);
CREATE INDEX user_roles_by_role ON user_roles (role, user_id);

-- What an act was about, if event and subject do not say it all: roles, a reason, a number; never a secret.
ALTER TABLE audit_events ADD COLUMN detail TEXT;
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, at, id);
CREATE INDEX audit_events_about ON audit_events (subject_id, at, id);
CREATE INDEX audit_events_by_event ON audit_events (event, at, id);
CREATE INDEX audit_events_refused ON audit_events (at, id) WHERE outcome = 'refused';
DROP INDEX audit_events_by_time;
CREATE INDEX audit_events_in_time ON audit_events (at, id);
