-- Limits that no stranger can turn against an owner. Valid on SQLite and PostgreSQL.

-- When no rule looks at a count any more. Rows of earlier versions say nothing of it: two days are enough.
ALTER TABLE throttles ADD COLUMN expires_at BIGINT;
CREATE INDEX throttles_by_expiry ON throttles ((COALESCE(expires_at, since + 172800)));
DROP INDEX throttles_by_time;

-- Refused acts of one network within one minute are one entry: how many, and what makes them the same.
ALTER TABLE audit_events ADD COLUMN count BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_events ADD COLUMN merge_key BYTEA;
CREATE UNIQUE INDEX audit_events_merged ON audit_events (merge_key);

-- Emails that strangers can cause are sent within a budget, and take turns by what they come from.
ALTER TABLE outbox ADD COLUMN turn BIGINT;             -- empty: not within the budget
ALTER TABLE outbox ADD COLUMN flow TEXT;               -- whose turns they are: a network or an account
ALTER TABLE outbox ADD COLUMN first_tried_at BIGINT;   -- a day of retrying begins then
CREATE INDEX outbox_exempt ON outbox (due_at) WHERE state = 'waiting' AND turn IS NULL;
CREATE INDEX outbox_turns ON outbox (turn, id) WHERE state = 'waiting' AND turn IS NOT NULL;
CREATE INDEX outbox_flows ON outbox (flow, turn) WHERE state = 'waiting' AND turn IS NOT NULL;
