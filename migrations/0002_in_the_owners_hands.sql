-- What people do with their account once they are signed in. Valid on SQLite and PostgreSQL.

CREATE TABLE totp (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,                   -- the secret, encrypted under SECRET_KEY
    last_step BIGINT NOT NULL,               -- the time step of the last code that was taken: no earlier one is good
    created_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    hash BYTEA PRIMARY KEY NOT NULL,         -- SHA-256 of 120 random bits
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX recovery_codes_of_user ON recovery_codes (user_id);

CREATE TABLE email_changes (
    id UUID PRIMARY KEY NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    old_email TEXT NOT NULL,
    old_email_key TEXT NOT NULL,
    new_email TEXT NOT NULL,
    new_email_key TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    confirmed_at BIGINT                      -- empty: waits for the mail to the new address
);
CREATE UNIQUE INDEX email_changes_pending ON email_changes (user_id) WHERE confirmed_at IS NULL;
CREATE INDEX email_changes_of_user ON email_changes (user_id);
CREATE INDEX email_changes_by_old_address ON email_changes (old_email_key);

ALTER TABLE outbox ADD COLUMN detail TEXT;   -- what the mail speaks of: an address, a browser; never a secret

DROP INDEX audit_events_of_subject;
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id);
