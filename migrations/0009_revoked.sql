-- Signing keys and invitations that were revoked. Valid on SQLite and PostgreSQL.
ALTER TABLE signing_keys ADD COLUMN revoked_at BIGINT;    -- when the key leaked: it verifies nothing from then on

ALTER TABLE invitations ADD COLUMN revoked_because TEXT;  -- empty: an administrator revoked it
CREATE INDEX invitations_by_maker ON invitations (created_by);
