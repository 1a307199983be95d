-- The first start. Valid on SQLite and PostgreSQL.

-- The link that makes the first administrator, as long as there is none. At most one row, so that all instances print the same link.
CREATE TABLE first_administrator_links (
    slot TEXT PRIMARY KEY NOT NULL,          -- always 'only'
    id UUID NOT NULL,                        -- with SECRET_KEY the token of the link
    created_at BIGINT NOT NULL
);

-- The steps of the setup that an administrator doesn't want to see on the dashboard.
CREATE TABLE setup_dismissals (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    dismissed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, step)
);
