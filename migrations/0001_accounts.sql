-- Valid on SQLite and PostgreSQL. Times are seconds since 1970; secrets are never in clear.

CREATE TABLE users (
    id UUID PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,          -- the address in the form that is compared
    username TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    credential_version BIGINT NOT NULL,      -- counts changes of the password
    created_at BIGINT NOT NULL,
    activated_at BIGINT,                     -- empty: a sign-up that waits for its mail, nothing hangs on it yet
    email_verified_at BIGINT,
    disabled_at BIGINT,
    last_sign_in_at BIGINT
);

CREATE INDEX users_pending ON users (created_at) WHERE activated_at IS NULL;

CREATE TABLE user_roles (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
);

CREATE TABLE sessions (
    id UUID PRIMARY KEY NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    seed BYTEA NOT NULL,                     -- with SECRET_KEY the key of this session's refresh tokens
    generation BIGINT NOT NULL,
    generation_at BIGINT NOT NULL,
    confirmed_at BIGINT,                     -- when the current generation was first presented
    remember BOOLEAN NOT NULL,
    amr TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE one_time_tokens (
    hash BYTEA PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email_key TEXT NOT NULL,                 -- the address it was sent to
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX one_time_tokens_of_user ON one_time_tokens (user_id);

CREATE TABLE signing_keys (
    id UUID PRIMARY KEY NOT NULL,
    algorithm TEXT NOT NULL,
    sealed BYTEA NOT NULL,                   -- PKCS #8, encrypted under SECRET_KEY
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (algorithm) WHERE retired_at IS NULL;

CREATE TABLE outbox (
    id UUID PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    user_id UUID REFERENCES users (id) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    address TEXT NOT NULL,                   -- where the act that caused the mail came from
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease UUID,
    leased_until BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_of_user ON outbox (user_id);

CREATE TABLE audit_events (
    id UUID PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    actor_id UUID,                           -- no foreign keys: the log outlives the account
    subject_id UUID,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    request_id TEXT NOT NULL
);
CREATE INDEX audit_events_of_subject ON audit_events (subject_id, at);
CREATE INDEX audit_events_by_time ON audit_events (at);

CREATE TABLE throttles (
    id BYTEA PRIMARY KEY NOT NULL,           -- a keyed hash of what is throttled: no addresses at rest
    count BIGINT NOT NULL,
    since BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX throttles_by_time ON throttles (since);
