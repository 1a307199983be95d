-- Emails that wait for another attempt, counted up to a limit among any number that wait for their first. Valid on SQLite and PostgreSQL.
-- SQLite prefers an index that begins with a column for which the query has a value.
CREATE INDEX outbox_tried ON outbox (state, created_at, id) WHERE state = 'waiting' AND attempts > 0;
