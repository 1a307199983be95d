-- What the password hashes of the accounts cost, so that a failed sign-in takes as long as the costliest of them. Valid on SQLite and
-- PostgreSQL. The server fills it for existing accounts when it starts.
CREATE TABLE hash_costs (
    cost TEXT PRIMARY KEY NOT NULL,          -- function and parameters, such as 'argon2id v=19 m=19456 t=2 p=1' or 'bcrypt 12'; never a hash
    noted_at BIGINT NOT NULL                 -- when a hash of this cost was last stored, to the hour
);
