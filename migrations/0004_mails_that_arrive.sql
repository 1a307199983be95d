ALTER TABLE outbox ADD COLUMN retried_at BIGINT;   -- when an administrator asked for it once more: a day begins again

-- Listed by state, the latest first.
CREATE INDEX outbox_by_state ON outbox (state, created_at, id);
