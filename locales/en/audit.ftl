## The audit log

audit-title = Audit log
audit-person = User
audit-person-hint = Email, handle or ID
audit-event = Event
audit-outcome = Outcome
audit-outcome-success = Succeeded
audit-outcome-refused = Refused
audit-from = From
audit-until = Until
# Below both days. $zone: for example Europe/Berlin
audit-days-hint = In your time zone, { $zone }
audit-time = Time
# Below the affected user: who did it.
audit-by = by { $link-start }{ $name }{ $link-end }
audit-source = Source
audit-source-command-line = Command line
# The details of an event. These are the sessions that were ended.
audit-detail-sessions = { $count ->
    [one] { $count } session
   *[other] { $count } sessions
}
# The accounts that were imported.
audit-detail-accounts = { $count ->
    [one] { $count } account
   *[other] { $count } accounts
}
# The emails that were retried.
audit-detail-emails = { $count ->
    [one] { $count } email
   *[other] { $count } emails
}
audit-detail-with-hashes = with password hashes
audit-detail-without-hashes = without password hashes
# An administrator got the link to hand it over; it was not emailed.
audit-detail-handed-over = to be handed over, not emailed
audit-detail-no-roles = no roles
audit-detail-roles-changed = { $roles }; before: { $former }
audit-request = Request ID { $code-start }{ $id }{ $code-end }
audit-empty = No entries match these filters.
audit-empty-yet = The log is empty. Sign-ins and changes to accounts appear here.
audit-export = Export: { $csv-start }CSV{ $csv-end }, { $json-start }JSON lines{ $json-end }
audit-no-such-person = No account has this email or handle. Deleted accounts can only be searched by ID.
audit-no-such-event = There is no such event. Choose one from the list.
audit-no-such-outcome = There is no such outcome. Choose one from the list.
audit-invalid-day = Enter the date as year, month and day, for example 2026-11-24.
audit-export-refused = The filters are not valid, so nothing was exported.
audit-back = Back to the audit log
