-- Tickets that have been used at a guarded host, kept for a little longer than they are good.
CREATE TABLE spent_tickets (
    hash BYTEA PRIMARY KEY NOT NULL,                                        -- SHA-256
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    origin TEXT NOT NULL,                                                   -- where
    spent_at BIGINT NOT NULL
);
CREATE INDEX spent_tickets_by_session ON spent_tickets (session_id, spent_at);
CREATE INDEX spent_tickets_by_time ON spent_tickets (spent_at);
