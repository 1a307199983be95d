## Two-factor authentication

second-factor-demanded = Your account must use two-factor authentication. Set it up here to continue.
two-factor-use-recovery-code = You can use a recovery code instead.
# $app: the address of an app
second-factor-for-app = { $app } requires two-factor authentication. Turn it on here to continue.
second-step-not-saved = Your changes were not saved.
second-step-link-may-expire = If your link no longer works after that, change your email again.
