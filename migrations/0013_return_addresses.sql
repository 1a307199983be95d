-- Return addresses that are too long for URLs and cookies, which carry their id instead. Valid on SQLite and PostgreSQL.
CREATE TABLE return_addresses (
    id BYTEA PRIMARY KEY NOT NULL,   -- a MAC of the address: no one can guess it, and the same address has one row
    address TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX return_addresses_by_expiry ON return_addresses (expires_at);
