-- The overview of the administration. Valid on SQLite and PostgreSQL.

-- Sign-ins of a month, counted from the index alone. Slots of 15 minutes lie within one day in every time zone. PostgreSQL reads only the index
-- if the column of the expression is in it as well.
CREATE INDEX audit_events_sign_ins ON audit_events (outcome, (at / 900), count, at) WHERE event = 'signed_in';

-- What proxies have asked the gate for: the rules stand in their configuration, which authflow doesn't see.
CREATE TABLE gate_rules (
    origin TEXT NOT NULL,
    roles TEXT NOT NULL,                     -- any of these, sorted, with commas between them; empty: every user
    second_factor BOOLEAN NOT NULL,
    last_asked_at BIGINT NOT NULL,           -- to the hour
    PRIMARY KEY (origin, roles, second_factor)
);
