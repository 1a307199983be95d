-- Indexes for the figures of the overview. Valid on SQLite and PostgreSQL.

-- Sign-ins of a month, counted from the index alone. Without the column `count`, which rises with repeated failures: PostgreSQL would write
-- every index of the row anew each time. PostgreSQL reads only the index if the column of the expression is in it as well.
CREATE INDEX audit_events_of_sign_ins ON audit_events (outcome, (at / 900), at) WHERE event = 'signed_in';
DROP INDEX audit_events_sign_ins;

-- The state of accounts, to count those in one state.
CREATE INDEX users_by_standing ON users ((CASE WHEN disabled_at IS NOT NULL THEN 'disabled'
                                               WHEN awaits_approval_since IS NOT NULL THEN 'waiting'
                                               WHEN email_verified_at IS NULL THEN 'unverified' ELSE 'active' END));
