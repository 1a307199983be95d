-- The language and the time zone of an account; NULL: the browser and the configuration decide.
ALTER TABLE users ADD COLUMN language TEXT;
ALTER TABLE users ADD COLUMN time_zone TEXT;

-- The language that the invitation is written in and its sign-up starts with.
ALTER TABLE invitations ADD COLUMN language TEXT;

-- How an email is written. The row keeps it, so that every attempt sends the same bytes; NULL in rows from before.
ALTER TABLE outbox ADD COLUMN language TEXT;
ALTER TABLE outbox ADD COLUMN time_zone TEXT;
-- The name that the email greets; NULL if the recipient may be a stranger.
ALTER TABLE outbox ADD COLUMN greeted TEXT;
