-- Passwords have a table of their own: an account may have none. Valid on SQLite and PostgreSQL.
CREATE TABLE passwords (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,                      -- PHC string
    set_at BIGINT NOT NULL,                  -- a rehash of the same password doesn't change it
    revoked_at BIGINT                        -- when 'this was not me' removed it. It is kept so that it isn't accepted as the new one
);

-- Until now, '!' before a hash meant that the password was removed, and '!' alone that there never was one. When passwords were set or
-- removed was not stored: the audit log says it as far as it goes back. Before that, the account's creation is the earliest possible time.
INSERT INTO passwords (user_id, hash, set_at, revoked_at)
SELECT u.id, u.password_hash,
       COALESCE((SELECT MAX(e.at) FROM audit_events e
                 WHERE e.subject_id = u.id AND e.outcome = 'success'
                   AND e.event IN ('registered', 'first_password_set', 'password_reset', 'password_changed')), u.created_at),
       NULL
FROM users u WHERE u.password_hash NOT LIKE '!%';

INSERT INTO passwords (user_id, hash, set_at, revoked_at)
SELECT u.id, SUBSTR(u.password_hash, 2),
       COALESCE((SELECT MAX(e.at) FROM audit_events e
                 WHERE e.subject_id = u.id AND e.outcome = 'success'
                   AND e.event IN ('registered', 'first_password_set', 'password_reset', 'password_changed')), u.created_at),
       COALESCE((SELECT MAX(e.at) FROM audit_events e
                 WHERE e.subject_id = u.id AND e.outcome = 'success' AND e.event = 'account_secured'), u.created_at)
FROM users u WHERE u.password_hash LIKE '!_%';

ALTER TABLE users DROP COLUMN password_hash;
