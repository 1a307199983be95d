## The first page of the administration

overview-title = Overview
# Behind what the health check found; a link to its page.
overview-health = Show details
# $count: 30
overview-sign-ins = Sign-ins of the last { $count } days
overview-succeeded = Successful
overview-failed = Failed attempts
overview-succeeded-total = Successful: { $count }
overview-failed-total = Failed attempts: { $count }
# The chart of sign-ins in words, for screen readers. $most: the sign-ins of the day with most of them.
overview-chart = Bars for each of the last { $days } days: { $succeeded } successful sign-ins and { $failed } failed attempts, at most { $most } in one day.
overview-as-table = Show as table
overview-day = Day
overview-failed-log = Refused attempts in the audit log
# Below a number of emails.
overview-emails-waiting = Waiting
overview-emails-failed = Failed
overview-installation = Installation
overview-version = Version
overview-sqlite = SQLite
overview-postgres = PostgreSQL
overview-key-created = Created { $time }
overview-key-missing = None
overview-backup = Last backup
overview-backup-unknown = None in the audit log. authflow does not know about backups made with other tools.

## The page of roles

roles-title = Roles
roles-intro = A role says what a user may do: “admin” opens these pages, and apps can require any role.
roles-give = Give roles on the page of a { $users-start }user{ $users-end } or with an { $invite-start }invitation{ $invite-end }.
roles-require = To require one for an app, print its proxy configuration with { $code-start }{ AUTHFLOW() } proxy … --role NAME{ $code-end }.
# The head of a column: the apps that require a role.
roles-asked-by = Required by
# The last part of a list of names: Ada, Grace and 3 more
roles-more = { $count } more
# The same if there are too many to count: Ada, Grace and others
roles-others = others
roles-unused = No one has this role
roles-empty = “admin” is the only role so far. To create another, such as “family”, give it to a user.
# How many roles the page shows.
roles-cut = There are more roles than these { $count }. To see who has another one, filter the users by role.
roles-apps = What apps require
roles-apps-hint = These rules are in your proxy’s configuration. authflow shows those that it received with requests of signed-in users in the last 30 days.
roles-no-apps = No apps are guarded yet. Print the configuration for the first one with { $code-start }{ AUTHFLOW() } proxy{ $code-end }.
roles-app = App
roles-requirement = Required
roles-last-asked = Last asked
roles-every-user = Any signed-in user
# The roles follow.
roles-any-of = { $count ->
    [one] Role
   *[other] Any of the roles
}
roles-not-asked = Not known yet. The rule appears here after a signed-in user opens this app.
