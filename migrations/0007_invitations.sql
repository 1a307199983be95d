-- Links by which administrators let people in. Valid on SQLite and PostgreSQL.
CREATE TABLE invitations (
    id UUID PRIMARY KEY NOT NULL,            -- with SECRET_KEY the secret in the link
    hash BYTEA NOT NULL UNIQUE,              -- SHA-256 of that
    email TEXT,                              -- whom it is for; empty: whoever holds the link
    roles TEXT NOT NULL,                     -- what the account gets, with commas between them
    created_at BIGINT NOT NULL,
    created_by UUID,                         -- no foreign key: the invitation outlives who made it
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    used_at BIGINT,
    used_by UUID
);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);

ALTER TABLE users ADD COLUMN invitation_id UUID;   -- of a sign-up that waits for its mail
