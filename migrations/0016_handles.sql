-- Handles: the short unique names that apps know accounts by. Valid on SQLite and PostgreSQL. The server gives existing accounts theirs
-- when it starts, since the keys below need SECRET_KEY.
ALTER TABLE users ADD COLUMN handle TEXT;    -- empty: a sign-up that is not confirmed or not approved yet
CREATE UNIQUE INDEX users_by_handle ON users (handle) WHERE handle IS NOT NULL;
CREATE INDEX users_without_handle ON users (created_at, id)
    WHERE handle IS NULL AND activated_at IS NOT NULL AND awaits_approval_since IS NULL;

-- Every handle that was ever given, so that no other account gets it.
CREATE TABLE handles (
    key BYTEA PRIMARY KEY NOT NULL,          -- a keyed hash of the handle
    user_id UUID NOT NULL,                   -- no foreign key: the row outlives the account
    given_at BIGINT NOT NULL
);
