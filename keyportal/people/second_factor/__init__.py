"""The second factor: authenticator apps, recovery codes, passkeys. allauth does it; what the portal adds stands here.

That is: its secrets are sealed under the key ring (`adapter`), a role can need one (`rule`, `middleware`), and what
happens to one is in the trail (`keyportal.people.recording`).
"""
