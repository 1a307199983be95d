-- Forms that were accepted, so that a form that is sent twice ends like a form that was sent once. Valid on SQLite and PostgreSQL.
CREATE TABLE submissions (
    key BYTEA PRIMARY KEY NOT NULL,          -- MAC over the browser, the form's ID and its address
    fields BYTEA NOT NULL,                   -- MAC over the same and the fields
    request_id TEXT NOT NULL,                -- the request that was accepted
    accepted_at BIGINT NOT NULL,
    location TEXT,                           -- where its response led; empty until the response is known
    session_before UUID,                     -- the session of the browser when it sent the form
    sets_session BOOLEAN NOT NULL DEFAULT FALSE, -- whether the response set or deleted the session's cookie
    session_after UUID,                      -- and after the response
    state_id BYTEA,                          -- the browser state whose cookie the response set
    device BYTEA                             -- the content of the device cookie that the response set, not signed
);
CREATE INDEX submissions_by_time ON submissions (accepted_at);

-- What the latest recovery codes of an account are computed from, with SECRET_KEY, as long as they may be shown again.
CREATE TABLE recovery_code_seeds (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id UUID NOT NULL,                -- the only session that may see them
    seed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX recovery_code_seeds_by_time ON recovery_code_seeds (created_at);
