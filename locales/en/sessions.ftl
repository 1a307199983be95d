## The sessions of an account: /profile/sessions

sessions-title = Sessions
sessions-intro = You are signed in on these devices. If you don’t recognize one, end its session and change your password.
# Tags after the name of a device.
sessions-this-device = this device
# A session that a program began with the API, not a browser.
sessions-program = program
sessions-device = Device
sessions-address = IP address
sessions-signed-in = Signed in
sessions-last-seen = Last used
# Below the time of the sign-in. $day: a day
sessions-ends = Ends on { $day } if not used
sessions-ends-or-closed = Ends on { $day } if not used, or when you close the browser
sessions-sign-out-here = Sign out here
sessions-end = End session
# For screen readers, behind the name of the button “End session”: which session it ends.
sessions-end-which = { $device }, signed in { $at }
sessions-end-others = Sign out everywhere else
sessions-ended = The session has been ended.
sessions-ended-before = That session had already ended.
sessions-others-ended = You are signed out everywhere else.
# In forms that change how the user signs in.
signs-out-elsewhere = This signs you out on all other devices.

## The activity of an account: /profile/activity

activity-title = Activity
activity-intro = This is what has happened in your account. If you don’t recognize something, { $password-start }change your password{ $password-end } and { $sessions-start }end the sessions{ $sessions-end } that you don’t recognize.
# In the place of the device.
activity-by-administrator = By an administrator
activity-empty = Nothing has happened yet. When you sign in or change your account, you will find it here.
