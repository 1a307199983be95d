-- Emails that could not be sent and wait for another attempt. One without an error is just being sent for the first time. Valid on SQLite and
-- PostgreSQL.
DROP INDEX outbox_tried;
CREATE INDEX outbox_tried ON outbox (state, created_at, id) WHERE state = 'waiting' AND last_error IS NOT NULL;
