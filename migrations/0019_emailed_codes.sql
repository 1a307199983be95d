-- Codes that confirm the identity of signed-in users who have no password. Valid on SQLite and PostgreSQL.
CREATE TABLE emailed_codes (
    session_id UUID PRIMARY KEY NOT NULL,    -- the only session that may use it; asking again replaces its code
    mail_id UUID NOT NULL,                   -- the email, from whose id SECRET_KEY computes the code
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX emailed_codes_of_mail ON emailed_codes (mail_id);
CREATE INDEX emailed_codes_of_user ON emailed_codes (user_id);
CREATE INDEX emailed_codes_by_time ON emailed_codes (created_at);
