-- Sign-ups that an administrator accepts or refuses. Valid on SQLite and PostgreSQL.
ALTER TABLE users ADD COLUMN awaits_approval_since BIGINT;   -- empty: nobody has to decide
CREATE INDEX users_waiting ON users (awaits_approval_since, id) WHERE awaits_approval_since IS NOT NULL;
