## Two-factor authentication

second-factor-demanded = Your account must use two-factor authentication. Set it up here to continue.
two-factor-use-recovery-code = You can use a recovery code instead.
# $app: the address of an app
second-factor-for-app = { $app } requires two-factor authentication. Turn it on here to continue.
second-step-not-saved = Your changes were not saved.
second-step-link-may-expire = If your link no longer works after that, change your email again.

## While it is off, or to replace the app: /profile/two-factor

two-factor-title = Two-factor authentication
two-factor-off = Two-factor authentication is off. Once you turn it on, your password alone is not enough to sign in: you also enter a code from an authenticator app on your phone.
two-factor-replace-intro = Add this account to the app on your new phone, then enter the code it shows. Until then, your current app keeps working. You also get new recovery codes.
two-factor-add = 1. Add this account to your app
two-factor-scan = Scan this QR code with an authenticator app, or { $link-start }open it in an app on this device{ $link-end }. If you have none, install one first: Aegis, 2FAS, Ente Auth or Google Authenticator, for example.
# The user confirmed who they are before this page, so they may have seen an earlier QR code.
two-factor-scan-again = If you scanned a code before you confirmed that it’s you, scan this new one instead.
two-factor-qr = QR code for your authenticator app. It contains the key below.
# Without a QR code.
two-factor-open = { $link-start }Open the key in an authenticator app on this device{ $link-end }, or type it into the app.
two-factor-key = Instead of the QR code, you can type this key into the app:
two-factor-enter = 2. Enter the code from the app
two-factor-save = 3. Save your recovery codes
two-factor-save-codes = The next page shows { $count } recovery codes. Keep them safe: if you lose both your app and the codes, you are locked out.
two-factor-app-code-hint = 6 digits that change every 30 seconds.
two-factor-app-code-malformed = Enter the 6 digits from the app.
two-factor-new-code-label = Code from the new app
two-factor-new-code-missing = Enter the code from your new app.
two-factor-current-code-label = Code from your current app
two-factor-current-code-hint = Or a recovery code.
two-factor-current-code-missing = Enter a code from your current app, or a recovery code.
two-factor-turn-on = Turn on
two-factor-replace = Use the new app
two-factor-turned-on = Two-factor authentication is on.
two-factor-replaced = Your new app is set up. Codes from your old app no longer work.

## While it is on: /profile/two-factor

# $since: a day
two-factor-on = Two-factor authentication has been on since { $since }. You enter a code from your app when you sign in or reset your password.
recovery-codes-label = Recovery codes
recovery-codes-left = Each code works once in place of your app. { $count ->
    [0] You have none left.
   *[other] You have { $strong-start }{ $count }{ $strong-end } left.
}
# After recovery-codes-left, if few are left.
recovery-codes-few = Generate new codes now.
recovery-codes-renew-label = Enter a code to continue
recovery-codes-renew-hint = From your app, or a recovery code. Your current recovery codes stop working, and you are signed out on all other devices.
# Opens the form with the button “Generate new codes”.
recovery-codes-renew-open = Generate new codes…
recovery-codes-renew = Generate new codes
recovery-codes-renewed = Here are your new recovery codes. The old ones no longer work.
two-factor-move = Move to another phone
two-factor-move-how = Set up the app on the new phone. Until you enter its first code, your current app keeps working.
two-factor-move-start = Set up another app
two-factor-required = Required for your account
two-factor-required-why = Your account must use two-factor authentication, so you can’t turn it off. If you have lost your app and your recovery codes, ask the administrator to turn it off. You can then set it up again.
two-factor-turn-off = Turn off
two-factor-turn-off-question = Turn off two-factor authentication?
two-factor-turn-off-short = You then sign in without a code.
two-factor-turned-off = Two-factor authentication is off, and you are signed out on all other devices.
two-factor-outdated = Two-factor authentication was changed in the meantime, so nothing was changed now. If you have not saved your recovery codes, generate new ones.

## New recovery codes: /profile/two-factor/recovery-codes

recovery-codes-title = Your recovery codes
# $lasts: a duration
recovery-codes-intro = If you lose your app, each of these codes lets you sign in once. { $strong-start }Save them now.{ $strong-end } We show them for { $lasts }, or until you say that you have saved them. Store them somewhere safe, not on the same phone.
recovery-codes-copy = One click on the codes selects all of them, ready to copy. You can also print this page.
recovery-codes-download = Download codes
recovery-codes-saved = I’ve saved them
# $app: the address of the app that required two-factor authentication
recovery-codes-saved-app = I’ve saved them: continue to { $app }
recovery-codes-expired = This page had expired. Go back and try again, or write the codes down.
recovery-codes-gone-title = These codes no longer work
recovery-codes-gone = These recovery codes no longer work. Generate new ones.
# The two lines above the codes, in the downloaded text file and on paper.
recovery-codes-file-title = Recovery codes for { $email } at { $site } ({ $url })
recovery-codes-file-note = Saved on { $at }. Each code works once in place of a code from your app.
