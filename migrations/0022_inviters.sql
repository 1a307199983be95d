-- Emails with invitations say who invites. Valid on SQLite and PostgreSQL. The row keeps the name, so that every attempt sends the same bytes.
ALTER TABLE outbox ADD COLUMN inviter TEXT;  -- NULL: another email, or one from before, or an invitation made without an account
